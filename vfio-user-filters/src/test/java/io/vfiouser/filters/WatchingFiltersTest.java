package io.vfiouser.filters;

import static io.vfiouser.filters.SampleDevice.bar0;
import static io.vfiouser.filters.SampleDevice.read;
import static io.vfiouser.filters.SampleDevice.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.Errno;
import io.vfiouser.testsupport.AllocatedBytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchingFiltersTest {
    private final SampleDevice device = new SampleDevice();

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void logsWhatPassesByName() {
        var lines = new ArrayList<String>();
        var filtered = FilteredDevice.of(device, new LogFilter(LogSettings.DEFAULTS, lines::add));
        RegionHandler bar = bar0(filtered);
        filtered.attach(DeviceContext.UNATTACHED);
        write(bar, 0, 4, 0x12);
        read(bar, 0, 4);
        read(bar, 2, 1);
        read(bar, 0, 8);
        bar.write(0x40, MemorySegment.ofArray(new byte[100]));
        read(SampleDevice.config(filtered, MemoryRegion.scratch(256)), 4, 2);
        device.intx().trigger();
        filtered.reset(ResetReason.DEVICE_RESET);
        filtered.detach();
        assertThat(lines)
                .containsExactly(
                        "[unattached] client attached",
                        "[unattached] write BAR0.VALUE = 0x00000012",
                        "[unattached] read BAR0.VALUE = 0x00000012",
                        "[unattached] read BAR0.VALUE+0x2 = 0x00",
                        "[unattached] read BAR0+0x0 = 0x00005a5a00000012",
                        "[unattached] write BAR0+0x40 = 0x0000000000000000.. 100 bytes",
                        "[unattached] read config.COMMAND = 0x0000",
                        "[unattached] irq INTX.0 trigger, nobody listens",
                        "[unattached] reset device_reset",
                        "[unattached] client gone");
    }

    @Test
    void logsErrorsOfTheDevice() {
        var lines = new ArrayList<String>();
        var filtered =
                FilteredDevice.of(
                        device,
                        new LogFilter(LogSettings.DEFAULTS, lines::add),
                        new ErrorFilter(ErrorSettings.ofReads(ErrorRule.always(Errno.EIO))));
        assertThatThrownBy(() -> read(bar0(filtered), 4, 2)).isInstanceOf(DeviceException.class);
        assertThat(lines).containsExactly("read BAR0.STATUS: EIO");
    }

    @Test
    void theRecorderKeepsTheLast() {
        var recorder = new TraceRecorder(2);
        RegionHandler bar = bar0(FilteredDevice.of(device, recorder));
        for (int i = 1; i <= 3; i++) {
            write(bar, 0, 4, i);
        }
        assertThat(recorder.accesses())
                .extracting(TraceEvent.Access::value)
                .containsExactly(2L, 3L);
        recorder.clear();
        assertThat(recorder.events()).isEmpty();
    }

    @Test
    void countsByRegister() {
        var stats = new StatsFilter();
        var errors = new ErrorFilter();
        RegionHandler bar = bar0(FilteredDevice.of(device, stats, errors));
        write(bar, 0, 4, 1);
        write(bar, 0, 4, 2);
        read(bar, 4, 2);
        read(bar, 0x80, 8);
        errors.failNext(1, Errno.EIO);
        assertThatThrownBy(() -> read(bar, 4, 2)).isInstanceOf(DeviceException.class);
        assertThat(stats.stats())
                .extracting(s -> s.kind() + " " + s.place() + " " + s.count() + " " + s.errors())
                .containsExactly("read BAR0 1 0", "write BAR0.VALUE 2 0", "read BAR0.STATUS 2 1");
        AccessStats writes = stats.stats().get(1);
        assertThat(writes.bytes()).isEqualTo(8);
        assertThat(writes.quantileNanos(1)).isBetween(1L, writes.maxNanos());
        assertThat(writes.totalNanos()).isGreaterThanOrEqualTo(writes.maxNanos());
    }

    @Test
    void countingMakesNoGarbage() {
        var stats = new StatsFilter();
        RegionHandler bar = bar0(FilteredDevice.of(device, stats));
        MemorySegment window = MemorySegment.ofArray(new byte[4]);
        Runnable round =
                () -> {
                    for (int i = 0; i < 1000; i++) {
                        bar.write(0, window);
                        bar.read(0, window);
                    }
                };
        for (int i = 0; i < 10; i++) {
            round.run();
        }
        assertThat(AllocatedBytes.by(round)).isLessThan(1000);
        assertThat(stats.stats()).extracting(AccessStats::count).containsOnly(11_000L);
    }
}
