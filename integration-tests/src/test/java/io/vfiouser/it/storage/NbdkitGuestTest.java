package io.vfiouser.it.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.nbd.NbdBackend;
import io.vfiouser.nbd.NbdSettings;
import io.vfiouser.os.DiskFile;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The NBD client against nbdkit, which the rig gets from Debian: no guest in it, but the packages
/// of the guest tests.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
class NbdkitGuestTest {
    private static final int SIZE = 4 << 20;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private Path directory;
    private Path disk;
    private Path socket;

    @BeforeEach
    void makeDisk() {
        disk = directory.resolve("disk.img");
        socket = directory.resolve("nbd.sock");
        DiskFile.create(disk, SIZE);
    }

    @Test
    void holdsWhatIsWritten() throws Exception {
        try (var server = Nbdkit.serve(disk, socket);
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()))) {
            assertThat(backend.properties().capacityBytes()).isEqualTo(SIZE);
            assertThat(backend.properties().writeZeroes()).isTrue();
            new BackendModel(backend, 1).run(100);
        }
    }

    @Test
    void worksWithAServerOfSimpleRepliesAndOneConnection() throws Exception {
        try (var server = Nbdkit.serve(disk, socket, "--no-sr", "--threads=1");
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()).withConnections(1))) {
            new BackendModel(backend, 2).run(50);
        }
    }

    @Test
    void aServerThatIsKilledAndStartedAgainIsNotNoticed() throws Exception {
        var settings = NbdSettings.of("nbd+unix:///?socket=" + socket).withTimes(LONG, LONG);
        var server = Nbdkit.serve(disk, socket);
        try (var backend = NbdBackend.connect(settings)) {
            var model = new BackendModel(backend, 3);
            for (int i = 0; i < 3; i++) {
                model.run(10);
                server.close();
                TestRequest request = TestRequest.write(0, NativeMemory.allocate(4096));
                request.submitTo(backend);
                backend.submitted();
                server = Nbdkit.serve(disk, socket);
                assertThat(request.await()).isEqualTo(BlockStatus.OK);
                model = new BackendModel(backend, i);
            }
        } finally {
            server.close();
        }
    }

    @Test
    void aServerThatStaysAwayIsAMediaError() throws Exception {
        var settings =
                NbdSettings.of("nbd+unix:///?socket=" + socket)
                        .withTimes(LONG, Duration.ofMillis(300));
        var server = Nbdkit.serve(disk, socket);
        try (var backend = NbdBackend.connect(settings)) {
            server.close();
            TestRequest read = TestRequest.read(0, NativeMemory.allocate(4096));
            assertThat(read.run(backend)).isEqualTo(BlockStatus.MEDIA_ERROR);
        }
    }
}
