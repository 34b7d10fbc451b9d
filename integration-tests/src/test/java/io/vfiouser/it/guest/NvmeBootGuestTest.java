package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A guest whose only disk is the NVMe controller: SeaBIOS loads its boot sector, that loads GRUB,
/// and GRUB the kernel and the initramfs, all through the firmware's own NVMe driver.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeBootGuestTest {
    @Test
    void theFirmwareBootsFromTheController(@TempDir Path directory) throws Exception {
        Path disk = directory.resolve("boot.img");
        GuestResult guest;
        try (var server = TestServer.start()) {
            var backend = FileBackend.open(FileSettings.of(disk).withCreate(64 << 20));
            guest =
                    GuestVm.named("nvme-boot", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("nvme")
                            .device(server.serve("nvme", NvmeDevice.builder(backend).build()))
                            .bootDisk(disk)
                            .script(ProjectPaths.guestScript("nvme-boot.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS ")).hasSize(4);
        assertThat(guest.console()).anyMatch(line -> line.contains("RIG-LOADER"));
    }
}
