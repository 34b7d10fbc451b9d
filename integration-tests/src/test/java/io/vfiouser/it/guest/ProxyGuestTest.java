package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.replay.Replay;
import io.vfiouser.trace.replay.ReplayOptions;
import io.vfiouser.trace.replay.ReplayResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A guest whose device is behind a proxy: it notices nothing, and what went by is recorded, read
/// by tshark, and played again: to a device, and to another guest.
@Tag("guest")
final class ProxyGuestTest {
    private static final Duration START = Duration.ofMinutes(2);

    private static List<String> serve(Path socket, Path recording) {
        return List.of(
                ProjectPaths.LAUNCHER,
                "serve",
                "gpio",
                "--socket",
                socket.toString(),
                "--record",
                recording.toString());
    }

    private static List<String> serveRecorded(Path socket, Path recording) {
        return List.of(
                ProjectPaths.LAUNCHER,
                "serve",
                "replay",
                "--socket",
                socket.toString(),
                "--set",
                "file=" + recording);
    }

    private static GuestResult boot(String name, Path socket) throws Exception {
        return GuestVm.named(name, ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                .modules("gpio-pci-idio-16")
                .tools("gpioset", "gpioget", "gpiomon")
                .device(socket)
                .script(ProjectPaths.guestScript("gpio.sh"))
                .boot();
    }

    @Test
    void bootsThroughAProxyAndIsPlayedAgainToADeviceAndToAGuest(@TempDir Path directory)
            throws Exception {
        Path served = directory.resolve("gpio.sock");
        Path watched = directory.resolve("watched.sock");
        Path recording = directory.resolve("proxy.pcapng");
        Path ofServer = directory.resolve("server.pcapng");
        List<String> proxy =
                List.of(
                        ProjectPaths.LAUNCHER,
                        "proxy",
                        watched.toString(),
                        served.toString(),
                        "--names",
                        "gpio",
                        "--record",
                        recording.toString());
        GuestResult guest;
        try (var _ = ServedProcess.start(serve(served, ofServer), START);
                var _ = ServedProcess.start(proxy, START)) {
            guest = boot("proxy", watched);
        }
        guest.requireSuccess();
        assertThat(guest.lines("FAIL")).isEmpty();

        Path again = directory.resolve("again.sock");
        ReplayResult replayed;
        try (var _ = ServedProcess.start(serve(again, directory.resolve("again.pcapng")), START)) {
            replayed = Replay.run(recording, again, ReplayOptions.DEFAULTS);
        }
        assertThat(replayed.difference()).isEmpty();
        assertThat(replayed.compared()).isGreaterThan(300);
        assertThat(messages(recording)).isEqualTo(messages(ofServer));

        Path played = directory.resolve("played.sock");
        GuestResult second;
        List<String> log;
        try (var device = ServedProcess.start(serveRecorded(played, recording), START)) {
            second = boot("replayed", played);
            log = device.errorLines();
        }
        second.requireSuccess();
        assertThat(log).noneMatch(line -> line.contains("departs from the recording"));
        assertThat(second.lines("FAIL")).isEmpty();
        assertThat(values(second)).isEqualTo(values(guest)).hasSizeGreaterThan(32);

        for (Path capture : List.of(recording, ofServer)) {
            Tshark tshark = Tshark.on(capture);
            assertThat(
                            tshark.filter(
                                    "_ws.malformed || _ws.lua || vfio_user.short ||"
                                            + " vfio_user.unknown || vfio_user.unmatched"))
                    .isEmpty();
            assertThat(tshark.field("vfio_user.name"))
                    .contains(
                            "VERSION",
                            "DMA_MAP",
                            "DEVICE_GET_INFO",
                            "DEVICE_GET_REGION_INFO",
                            "DEVICE_GET_IRQ_INFO",
                            "DEVICE_SET_IRQS",
                            "REGION_READ",
                            "REGION_WRITE",
                            "DEVICE_RESET");
            assertThat(tshark.field("vfio_user.register")).contains("VENDOR_ID", "COMMAND");
        }
        assertThat(Tshark.on(ofServer).field("vfio_user.register")).contains("OUT0_7", "IN0_7");
    }

    /// What the guest saw of the inputs; how often it was interrupted may differ.
    private static List<String> values(GuestResult guest) {
        return guest.lines("PASS").stream().filter(line -> line.contains(": inputs ")).toList();
    }

    private static long messages(Path recording) throws Exception {
        return CaptureReader.readAll(recording).stream()
                .filter(CaptureRecord.Message.class::isInstance)
                .count();
    }
}
