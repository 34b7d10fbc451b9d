package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Three devices of two kinds, served by one process on one event loop, in one guest.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class ThreeDevicesGuestTest {
    private static final String GPIO = "494f:0dc8/2:io:100";
    private static final String TESTDEV = "1af4:10f0/0:mem:1000/1:mem:100000/2:mem:1000";

    @Test
    void oneEventLoopServesThreeDevicesToOneGuest(@TempDir Path directory) throws Exception {
        Path firstGpio = directory.resolve("gpio0.sock");
        Path testdev = directory.resolve("testdev.sock");
        Path secondGpio = directory.resolve("gpio1.sock");
        Path config =
                Files.writeString(
                        directory.resolve("devices.yaml"),
                        """
                        devices:
                          - type: gpio
                            socket: %s
                          - type: testdev
                            socket: %s
                          - type: gpio
                            socket: %s
                        """
                                .formatted(firstGpio, testdev, secondGpio));
        GuestResult guest;
        try (var server =
                ServedProcess.start(
                        List.of(
                                ProjectPaths.LAUNCHER,
                                "serve",
                                "--config",
                                config.toString(),
                                "--event-loops",
                                "1"),
                        Duration.ofMinutes(2))) {
            assertThat(server.ready().devices()).isEqualTo(3);
            guest =
                    GuestVm.named("three-devices", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("gpio-pci-idio-16")
                            .device(firstGpio)
                            .device(testdev)
                            .device(secondGpio)
                            .kernelParameters("rig.expect=" + String.join(",", GPIO, TESTDEV, GPIO))
                            .script(ProjectPaths.guestScript("three-devices.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS " + GPIO)).hasSize(2);
        assertThat(guest.lines("PASS " + TESTDEV)).hasSize(1);
        assertThat(guest.lines("PCI "))
                .filteredOn(line -> line.endsWith("driver=pci-idio-16"))
                .hasSize(2);
    }
}
