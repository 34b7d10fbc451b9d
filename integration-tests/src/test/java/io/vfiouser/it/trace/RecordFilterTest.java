package io.vfiouser.it.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TraceEntry;
import io.vfiouser.trace.Tracer;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.capture.RecordFilter;
import io.vfiouser.trace.capture.RecordSettings;
import io.vfiouser.trace.replay.ReplayDevice;
import io.vfiouser.trace.replay.ReplayDeviceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Recordings made by a filter, where it stands among others.
@ExtendWith(NoDescriptorLeaks.class)
class RecordFilterTest {
    private static final int BAR2 = 2;

    @TempDir Path directory = Path.of("");

    private static void drives(Path socket) {
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(client.read(7, 0, 4)).isEqualTo(0x0dc8_494fL);
            assertThat(client.region(BAR2).size()).isEqualTo(0x100);
            var irq = client.irq(0, 0);
            irq.arm();
            client.read(BAR2, 2, 1);
            client.write(BAR2, 0, 1, 0x11);
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
            assertThat(client.read(BAR2, 1, 1)).isEqualTo(0x11);
        }
    }

    private static List<String> lines(Path file) throws Exception {
        var lines = new ArrayList<String>();
        var tracer = new Tracer(RegisterNames.CONFIG_ONLY);
        for (CaptureRecord record : CaptureReader.readAll(file)) {
            switch (record) {
                case CaptureRecord.Registers registers -> tracer = new Tracer(registers.names());
                case CaptureRecord.Message(var message) -> {
                    TraceEntry entry = tracer.entry(message);
                    entry.access()
                            .ifPresent(access ->
                                    lines.add(
                                            entry.command()
                                                    + entry.error()
                                                            .map(errno -> " " + errno)
                                                            .orElse("")
                                                    + " "
                                                    + access));
                }
                case CaptureRecord.Interrupt irq -> lines.add("irq " + irq.index());
                case CaptureRecord.SessionEnd end -> lines.add(end.reason());
                case CaptureRecord.Memory _ -> lines.add("memory");
            }
        }
        return lines;
    }

    @Test
    void recordsAccessesAndInterruptsToBeReplayed() throws Exception {
        var filter = new RecordFilter(RecordSettings.of(directory.resolve("%n.pcapng")));
        try (var server = TestServer.start()) {
            drives(server.serve("gpio", FilteredDevice.of(new GpioDevice(), filter)));
        }
        Path file = directory.resolve("gpio.pcapng");
        assertThat(lines(file))
                .containsSubsequence(
                        "REGION_WRITE BAR2 OUT0_7 0x11 (1 byte)",
                        "irq 0",
                        "REGION_READ BAR2 IN0_7 0x11 (1 byte)",
                        "client gone");
        try (var again = TestServer.start()) {
            var device = ReplayDevice.of(ReplayDeviceSettings.DEFAULTS.withFile(file));
            drives(again.serve("again", device));
        }
    }

    @Test
    void recordsWhatGetsToItsPlace() throws Exception {
        var settings = ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC));
        var before = new RecordFilter(RecordSettings.of(directory.resolve("driver.pcapng")));
        var behind = new RecordFilter(RecordSettings.of(directory.resolve("device.pcapng")));
        var device = FilteredDevice.of(new GpioDevice(), before, new ErrorFilter(settings), behind);
        try (var server = TestServer.start();
                var client = VfioUserClient.connect(server.serve("gpio", device))) {
            assertThatThrownBy(() -> client.write(BAR2, 0, 1, 0x11))
                    .isInstanceOf(RemoteErrorException.class);
            before.enabled(false);
            client.read(BAR2, 1, 1);
        }
        assertThat(lines(directory.resolve("driver.pcapng")))
                .anyMatch(line -> line.startsWith("REGION_WRITE ENOSPC BAR2 OUT0_7"))
                .noneMatch(line -> line.contains("IN0_7"));
        assertThat(lines(directory.resolve("device.pcapng")))
                .noneMatch(line -> line.contains("OUT0_7"))
                .contains("REGION_READ BAR2 IN0_7 0x00 (1 byte)");
    }

    @Test
    void refusesAFileInNoDirectory() {
        var filter = new RecordFilter(RecordSettings.of(directory.resolve("nowhere/x.pcapng")));
        assertThatThrownBy(() -> FilteredDevice.of(new GpioDevice(), filter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: in a directory that is there");
    }
}
