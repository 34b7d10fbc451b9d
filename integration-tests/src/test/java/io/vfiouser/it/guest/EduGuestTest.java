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

/// Linux's driver for devices without one, against the edu device: registers, interrupts, DMA.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class EduGuestTest {
    @Test
    void guestComputesIsInterruptedAndDoesDma(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("edu.sock");
        GuestResult guest;
        try (var server =
                ServedProcess.start(
                        List.of(
                                ProjectPaths.LAUNCHER,
                                "serve",
                                "edu",
                                "--socket",
                                socket.toString()),
                        Duration.ofMinutes(2))) {
            assertThat(server.ready().devices()).isEqualTo(1);
            guest =
                    GuestVm.named("edu", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("uio_pci_generic")
                            .device(socket)
                            // Memory for DMA, and leave to reach it through /dev/mem.
                            .kernelParameters("memmap=64K$0x50000", "iomem=relaxed")
                            .script(ProjectPaths.guestScript("edu.sh"))
                            .boot();
            assertThat(server.errorLines()).isEmpty();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS uio_pci_generic bound to")).hasSize(1);
        assertThat(guest.lines("PASS factorial of ")).hasSize(7);
        assertThat(guest.lines("PASS raised ")).hasSize(4);
        assertThat(guest.lines("PASS DMA from ")).hasSize(3);
        assertThat(guest.lines("PASS word ")).hasSize(5);
        assertThat(guest.lines("FAIL")).isEmpty();
    }
}
