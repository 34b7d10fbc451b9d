package io.vfiouser.filters;

import static io.vfiouser.filters.SampleDevice.bar0;
import static io.vfiouser.filters.SampleDevice.read;
import static io.vfiouser.filters.SampleDevice.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultFiltersTest {
    private final SampleDevice device = new SampleDevice();

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void errorsHitTheNthAccessOfARegister() {
        var settings = ErrorSettings.ofWrites(ErrorRule.nth(Errno.EBUSY, 2)).at("VALUE");
        RegionHandler bar = bar0(FilteredDevice.of(device, new ErrorFilter(settings)));
        write(bar, 0, 4, 1);
        write(bar, 4, 2, 1); // STATUS does not count
        assertThatThrownBy(() -> write(bar, 0, 4, 2))
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                .hasMessage("write BAR0.VALUE: failed by the error filter");
        assertThat(read(bar, 0, 4)).isEqualTo(1);
        write(bar, 0, 4, 3);
        assertThat(device.value).isEqualTo(3);
    }

    @Test
    void theSameSeedFailsTheSameAccesses() {
        var settings = ErrorSettings.ofReads(ErrorRule.random(Errno.EIO, 0.3)).withSeed(7);
        RegionHandler one = bar0(FilteredDevice.of(device, new ErrorFilter(settings)));
        RegionHandler other = bar0(FilteredDevice.of(device, new ErrorFilter(settings)));
        boolean[] failed = failures(one);
        assertThat(failures(other)).isEqualTo(failed);
        long count = IntStream.range(0, failed.length).filter(i -> failed[i]).count();
        assertThat(count).isBetween(30L, 90L);
    }

    @Test
    void errorsNeedTheirTriggerFile(@TempDir Path directory) throws IOException {
        Path trigger = directory.resolve("fail");
        var settings = ErrorSettings.ofReads(ErrorRule.always(Errno.EIO)).withTrigger(trigger);
        RegionHandler bar = bar0(FilteredDevice.of(device, new ErrorFilter(settings)));
        assertThat(read(bar, 4, 2)).isEqualTo(0x5a5a);
        Files.createFile(trigger);
        assertThatThrownBy(() -> read(bar, 4, 2)).isInstanceOf(DeviceException.class);
        Files.delete(trigger);
        assertThat(read(bar, 4, 2)).isEqualTo(0x5a5a);
    }

    @Test
    void errorsOnDemand() {
        var filter = new ErrorFilter();
        RegionHandler bar = bar0(FilteredDevice.of(device, filter));
        filter.failNext(2, Errno.ENXIO);
        assertThatThrownBy(() -> read(bar, 0, 4)).isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> write(bar, 0, 4, 1)).isInstanceOf(DeviceException.class);
        assertThat(read(bar, 0, 4)).isZero();
    }

    @Test
    void bitsAreStuckHoweverTheRegisterIsRead() {
        var settings = new StuckBitSettings(Target.parse("STATUS"), 0x4008, 0x0081);
        RegionHandler bar = bar0(FilteredDevice.of(device, new StuckBitFilter(settings)));
        long stuck = (0x5a5a & ~0x4008) | 0x81;
        assertThat(read(bar, 4, 2)).isEqualTo(stuck);
        assertThat(read(bar, 5, 1)).isEqualTo(stuck >> 8);
        device.value = 0x1122_3344;
        assertThat(read(bar, 0, 8)).isEqualTo(stuck << 32 | 0x1122_3344L);
        assertThat(read(bar, 0, 4)).isEqualTo(0x1122_3344);
    }

    @Test
    void bitsOutsideTheRegisterAreRefused() {
        assertThatThrownBy(() ->
                        FilteredDevice.of(
                                device,
                                new StuckBitFilter(StuckBitSettings.atOne("STATUS", 0x10000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "zero: 0x0, one: 0x10000 (expected: bits of STATUS, which has 2 bytes)");
        assertThatThrownBy(() ->
                        FilteredDevice.of(
                                device, new StuckBitFilter(StuckBitSettings.atOne("all", 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("at: all: 256 bytes (expected: a register of at most 8 bytes)");
    }

    @Test
    void aDeviceThatWasPulledOutReadsAsOnes() {
        var removal = new SurpriseRemovalFilter();
        var filtered = FilteredDevice.of(device, removal);
        RegionHandler bar = bar0(filtered);
        RegionHandler config = SampleDevice.config(filtered, MemoryRegion.scratch(256));
        filtered.attach(DeviceContext.UNATTACHED);
        write(bar, 0, 4, 5);
        assertThat(read(config, 0, 4)).isZero();

        removal.enabled(true);
        write(bar, 0, 4, 6);
        assertThat(read(bar, 0, 4)).isEqualTo(0xffff_ffffL);
        assertThat(read(config, 0, 4)).isEqualTo(0xffff_ffffL);
        assertThatThrownBy(() -> device.clientMemory().standingLease(0, 1, AccessMode.READ))
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));

        removal.enabled(false);
        assertThat(read(bar, 0, 4)).isEqualTo(5);
    }

    @Test
    void dmaFaultsByDirection() {
        var settings =
                new DmaFaultSettings(
                        ErrorRule.NONE, ErrorRule.always(Errno.EFAULT), 0, Path.of("/"));
        FilteredDevice.of(device, new DmaFaultFilter(settings)).attach(DeviceContext.UNATTACHED);
        assertThatThrownBy(() -> device.clientMemory().standingLease(16, 1, AccessMode.READ))
                .hasMessageContaining("an attached client"); // from the server's memory
        assertThatThrownBy(() -> device.clientMemory().standingLease(16, 1, AccessMode.WRITE))
                .hasMessage("iova: 0x10, length: 0x1: failed by the dma-fault filter");
    }

    @Test
    void timesAreChecked() {
        assertThatThrownBy(() -> DelaySettings.of(Duration.ofMillis(-1)))
                .hasMessage("read: PT-0.001S (expected: 0 or more)");
        assertThatThrownBy(() -> new SpuriousIrqSettings(IrqTarget.ALL, Duration.ZERO))
                .hasMessage("every: PT0S (expected: more than 0, as in 10ms)");
        assertThatThrownBy(() -> new RateSettings(0, Target.ALL))
                .hasMessage("per-second: 0 (expected: 1 to 1000000000)");
    }

    private static boolean[] failures(RegionHandler bar) {
        boolean[] failed = new boolean[200];
        for (int i = 0; i < failed.length; i++) {
            try {
                read(bar, 0, 4);
            } catch (DeviceException _) {
                failed[i] = true;
            }
        }
        return failed;
    }
}
