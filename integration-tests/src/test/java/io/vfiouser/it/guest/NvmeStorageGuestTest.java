package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.storage.Nbdkit;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nbd.NbdBackend;
import io.vfiouser.nbd.NbdSettings;
import io.vfiouser.os.DiskFile;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Linux keeps data on the NVMe controller, with each kind of backend behind it: raw under fio,
/// which verifies what it wrote, and in an ext4 file system.
///
/// fio takes `-Dguest.fio.seconds=N` seconds, 15 unless set.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeStorageGuestTest {
    private static final int FIO_SECONDS = Integer.getInteger("guest.fio.seconds", 15);
    private static final int SIZE = 96 << 20;

    @Test
    @Timeout(15 * 60)
    void everyBackendKeepsRawBlocksAndFileSystems(@TempDir Path directory) throws Exception {
        Path export = directory.resolve("export.img");
        DiskFile.create(export, SIZE);
        var file = FileSettings.of(directory.resolve("disk.img")).withCreate(SIZE);
        GuestResult guest;
        try (var nbdkit = Nbdkit.serve(export, directory.resolve("nbd.sock"));
                var server = TestServer.start()) {
            guest =
                    GuestVm.named("nvme-storage", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("nvme", "ext4", "crc32c-generic")
                            .tools("fio", "mkfs.ext4", "e2fsck")
                            .device(serve(server, "memory", MemoryBackend.create(SIZE)))
                            .device(serve(server, "file", FileBackend.open(file)))
                            .device(
                                    serve(
                                            server,
                                            "nbd",
                                            NbdBackend.connect(NbdSettings.of(nbdkit.uri()))))
                            .kernelParameters(
                                    "nvme.serials=memory,file,nbd",
                                    "nvme.fio-seconds=" + FIO_SECONDS)
                            .timeout(Duration.ofSeconds(180 + 3L * FIO_SECONDS))
                            .script(ProjectPaths.guestScript("nvme-storage.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS fio ")).hasSize(3);
        assertThat(guest.lines("PASS ext4 ")).hasSize(3);
        assertThat(guest.lines("FAIL")).isEmpty();
    }

    private static Path serve(TestServer server, String serial, BlockBackend backend) {
        return server.serve(serial, NvmeDevice.builder(backend).serial(serial).build());
    }
}
