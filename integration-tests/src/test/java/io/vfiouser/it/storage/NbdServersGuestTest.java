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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The NBD client against each server that Debian has: nbdkit and qemu-nbd with structured replies,
/// nbd-server without; UNIX sockets and TCP; several connections where the server allows them.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
class NbdServersGuestTest {
    private static final int SIZE = 4 << 20;
    private static final int PIECE = 64 << 10;

    /// Found once: the JDK keeps a descriptor from its first socket on.
    private static final int PORT = freePort();

    @TempDir private Path directory;
    private Path disk;

    /// A server.
    enum Kind {
        NBDKIT,
        QEMU_NBD,
        NBD_SERVER
    }

    @BeforeEach
    void makeDisk() {
        disk = directory.resolve("disk.img");
        DiskFile.create(disk, SIZE);
    }

    @ParameterizedTest
    @EnumSource
    void holdsWhatIsWritten(Kind kind) throws Exception {
        try (var server = serve(kind);
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()))) {
            assertThat(backend.properties().capacityBytes()).isEqualTo(SIZE);
            new BackendModel(backend, 11).run(150);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneConnectionIsEnough(Kind kind) throws Exception {
        try (var server = serve(kind);
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()).withConnections(1))) {
            new BackendModel(backend, 12).run(50);
        }
    }

    /// What a flush has made durable is in the file itself.
    @ParameterizedTest
    @EnumSource
    void writesFlushesZeroesAndTrims(Kind kind) throws Exception {
        byte[] expected = new byte[SIZE];
        try (var server = serve(kind);
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()))) {
            MemorySegment data = NativeMemory.allocate(4 * PIECE);
            data.fill((byte) 0x5a);
            assertThat(TestRequest.write(0, data).run(backend)).isEqualTo(BlockStatus.OK);
            Arrays.fill(expected, 0, 4 * PIECE, (byte) 0x5a);
            assertThat(TestRequest.zeroing(PIECE, PIECE, false).run(backend))
                    .isEqualTo(BlockStatus.OK);
            Arrays.fill(expected, PIECE, 2 * PIECE, (byte) 0);
            assertThat(TestRequest.deallocating(2 * PIECE, PIECE).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);

            byte[] stored = Files.readAllBytes(disk);
            // A trim is a hint: those blocks are what they were, or zeros.
            assertThat(stored[2 * PIECE]).isIn((byte) 0x5a, (byte) 0);
            Arrays.fill(expected, 2 * PIECE, 3 * PIECE, (byte) 0);
            Arrays.fill(stored, 2 * PIECE, 3 * PIECE, (byte) 0);
            assertThat(stored).isEqualTo(expected);

            MemorySegment back = NativeMemory.allocate(PIECE);
            assertThat(TestRequest.read(3 * PIECE, back).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(back.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
        }
    }

    private NbdServer serve(Kind kind) throws IOException, InterruptedException {
        return switch (kind) {
            case NBDKIT -> Nbdkit.serve(disk, directory.resolve("nbd.sock"));
            case QEMU_NBD -> serveQemu();
            case NBD_SERVER -> serveNbdServer();
        };
    }

    private NbdServer serveQemu() throws IOException, InterruptedException {
        Path socket = directory.resolve("nbd.sock");
        List<String> command =
                List.of(
                        NbdServer.script("nbd-server.sh"),
                        "qemu-nbd",
                        "--format=raw",
                        "--persistent",
                        "--shared=8",
                        "--discard=unmap",
                        "--socket=" + socket,
                        disk.toString());
        return NbdServer.start(
                command,
                () -> Files.exists(socket),
                directory.resolve("qemu-nbd.log"),
                "nbd+unix:///?socket=" + socket);
    }

    private NbdServer serveNbdServer() throws IOException, InterruptedException {
        Path config = directory.resolve("nbd-server.conf");
        Files.writeString(
                config,
                """
                [generic]
                listenaddr = 127.0.0.1
                port = %d
                [disk]
                exportname = %s
                flush = true
                fua = true
                trim = true
                """
                        .formatted(PORT, disk));
        List<String> command =
                List.of(
                        NbdServer.script("nbd-server.sh"),
                        "nbd-server",
                        "-n",
                        "-C",
                        config.toString());
        return NbdServer.start(
                command,
                NbdServersGuestTest::listens,
                directory.resolve("nbd-server.log"),
                "nbd://127.0.0.1:%d/disk".formatted(PORT));
    }

    /// Whether somebody listens at [#PORT]; found without a connection, which the server would
    /// count.
    private static boolean listens() {
        String listening = "0100007F:%04X 00000000:0000 0A".formatted(PORT);
        try {
            return Files.readString(Path.of("/proc/net/tcp")).contains(listening);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
