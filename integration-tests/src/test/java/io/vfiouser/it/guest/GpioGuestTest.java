package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Linux's own driver against the gpio device.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class GpioGuestTest {
    private static final int PINS = 16;

    @Test
    void linuxDriverDrivesPinsAndReceivesInterrupts(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("gpio.sock");
        GuestResult guest;
        try (var server =
                ServedProcess.start(
                        List.of(
                                ProjectPaths.LAUNCHER,
                                "serve",
                                "gpio",
                                "--socket",
                                socket.toString()),
                        Duration.ofMinutes(2))) {
            assertThat(server.ready().devices()).isEqualTo(1);
            guest =
                    GuestVm.named("gpio", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("gpio-pci-idio-16")
                            .tools("gpioset", "gpioget", "gpiomon")
                            .device(socket)
                            .script(ProjectPaths.guestScript("gpio.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS driver pci-idio-16 bound to")).hasSize(1);
        assertThat(guest.lines("PASS output ")).hasSize(2 * PINS + 1);
        assertThat(guest.lines("PASS input ")).hasSize(2 * PINS);
        assertThat(guest.lines("PASS interrupts disabled")).hasSize(1);
        assertThat(guest.lines("FAIL")).isEmpty();
        assertThat(socket).doesNotExist();
    }
}
