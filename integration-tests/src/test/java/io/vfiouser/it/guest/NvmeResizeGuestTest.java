package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Linux's driver follows a namespace of the NVMe controller that is resized under it, and has an
/// interrupt vector for each of its queues.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeResizeGuestTest {
    private static final int SMALL = 64 << 20;
    private static final int LARGE = 160 << 20;
    private static final int SECTOR = 512;

    @Test
    void theGuestSeesAnotherSizeWithoutAReboot() throws Exception {
        GuestResult guest;
        try (var server = TestServer.start()) {
            var backend = MemoryBackend.create(SMALL, LARGE);
            guest =
                    GuestVm.named("nvme-resize", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("nvme")
                            .options("--cpus", "2")
                            .device(server.serve("nvme", NvmeDevice.builder(backend).build()))
                            .kernelParameters(
                                    "nvme.small=" + SMALL / SECTOR, "nvme.large=" + LARGE / SECTOR)
                            .console(line -> {
                                if (line.startsWith("RESIZE grow")) {
                                    backend.resize(LARGE);
                                } else if (line.startsWith("RESIZE shrink")) {
                                    backend.resize(SMALL);
                                }
                            })
                            .script(ProjectPaths.guestScript("nvme-resize.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS size ")).hasSize(3);
        assertThat(guest.lines("PASS vectors of 2 I/O queues")).hasSize(1);
        assertThat(guest.lines("PASS the last of ")).hasSize(2);
    }
}
