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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Linux's own driver against the NVMe controller.
///
/// The driver is taken off and put on `-Dguest.rebinds=N` times, 20 unless set.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeGuestTest {
    private static final int REBINDS = Integer.getInteger("guest.rebinds", 20);

    @Test
    @Timeout(15 * 60)
    void linuxDriverReadsWhatItWrote(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("nvme.sock");
        GuestResult guest;
        try (var server =
                ServedProcess.start(
                        List.of(
                                ProjectPaths.LAUNCHER,
                                "serve",
                                "nvme",
                                "--socket",
                                socket.toString(),
                                "--set",
                                "size=256M"),
                        Duration.ofMinutes(2))) {
            assertThat(server.ready().devices()).isEqualTo(1);
            guest =
                    GuestVm.named("nvme", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("nvme")
                            .tools("fio", "nvme")
                            .device(socket)
                            .kernelParameters("nvme.rebinds=" + REBINDS)
                            .timeout(Duration.ofSeconds(200 + 2L * REBINDS))
                            .script(ProjectPaths.guestScript("nvme.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS driver nvme bound to")).hasSize(1);
        assertThat(guest.lines("PASS data ")).hasSize(8);
        assertThat(guest.lines("PASS fio verified")).hasSize(1);
        assertThat(guest.lines("PASS nvme ")).hasSize(19);
        assertThat(guest.lines("PASS driver taken off and put on " + REBINDS)).hasSize(1);
        assertThat(guest.lines("FAIL")).isEmpty();
    }
}
