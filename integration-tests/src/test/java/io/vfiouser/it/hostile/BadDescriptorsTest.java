package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.RawConnection;
import io.vfiouser.it.support.OpenDescriptors;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.Protection;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Descriptors of every kind where memory or an eventfd belongs, too many of them, and on messages
/// that never become whole. Each stray descriptor on each command in the conformance suite
/// (`DescriptorChecks`).
@ExtendWith(NoDescriptorLeaks.class)
class BadDescriptorsTest {
    private static final int ROUNDS = 200;
    private static final int MSIX = 2;
    private static final int BELL = 2;

    private final CrowdedLoop loop = CrowdedLoop.start();
    private final List<FileDescriptor> open = new ArrayList<>();
    @TempDir private Path directory;

    @AfterEach
    void close() {
        loop.close();
        open.forEach(Descriptors::close);
    }

    enum Kind {
        PIPE_READ_END,
        PIPE_WRITE_END,
        BROKEN_PIPE,
        SOCKET,
        DIRECTORY,
        DEVICE,
        READ_ONLY_FILE,
        EMPTY_FILE,
        MEMORY,
        EVENTFD,
        SHUT_DOWN_SOCKET;

        boolean isEventFd() {
            return this == EVENTFD;
        }

        boolean isMemory() {
            return this == MEMORY;
        }
    }

    @ParameterizedTest
    @EnumSource
    void asMemoryAreRefused(Kind kind) throws Exception {
        FileDescriptor fd = make(kind);
        byte[] map = Wire.map(1, 3, 0, 0x1000, 0x1000);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < ROUNDS; i++) {
                    client.send(map, FdBundle.of(Descriptors.duplicate(fd)));
                    assertThat(isRefused(client)).isEqualTo(!kind.isMemory());
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void asEventFdsAreRefused(Kind kind) throws Exception {
        FileDescriptor fd = make(kind);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < ROUNDS; i++) {
                    client.send(1, arm(1), FdBundle.of(Descriptors.duplicate(fd)));
                    assertThat(isRefused(client)).isEqualTo(!kind.isEventFd());
                    ring(client);
                    assertThat(isRefused(client)).isEqualTo(!kind.isEventFd());
                }
            }
        });
    }

    @Test
    void aFullEventFdHoldsNobodyUp() throws Exception {
        try (var full = EventFd.create()) {
            fill(full);
            loop.during(() -> {
                try (var client = loop.negotiated()) {
                    client.send(1, arm(1), FdBundle.of(Descriptors.duplicate(full.fd())));
                    assertThat(isRefused(client)).isFalse();
                    for (int i = 0; i < ROUNDS; i++) {
                        ring(client);
                        client.receive().close();
                    }
                    loop.letOthersWork();
                }
            });
        }
    }

    /// The client shares the open file: whether a write to it waits is the client's to say, at any
    /// moment.
    @Test
    void aFullEventFdWhoseFlagsChangeHoldsNobodyUp() throws Exception {
        var over = new AtomicBoolean();
        try (var full = EventFd.create();
                var threads = Executors.newSingleThreadExecutor()) {
            fill(full);
            var flipping = threads.submit(() -> flip(full.fd(), over));
            loop.during(() -> {
                try (var client = loop.negotiated()) {
                    client.send(1, arm(1), FdBundle.of(Descriptors.duplicate(full.fd())));
                    assertThat(isRefused(client)).isFalse();
                    for (int i = 0; i < 20 * ROUNDS; i++) {
                        ring(client);
                        client.receive().close();
                    }
                    loop.letOthersWork();
                }
            });
            over.set(true);
            flipping.get();
        } finally {
            over.set(true);
        }
    }

    @ParameterizedTest(name = "{0} descriptors")
    @ValueSource(ints = {9, 16, 17, 100, 253})
    void moreThanAnnouncedAreClosed(int count) throws Exception {
        FileDescriptor fd = make(Kind.PIPE_READ_END);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < 20; i++) {
                    client.send(1, new DeviceGetInfo(32), copies(fd, count));
                    assertThat(isRefused(client)).isFalse();
                    client.send(1, arm(1), copies(fd, count));
                    assertThat(isRefused(client)).isTrue();
                }
            }
        });
    }

    @ParameterizedTest(name = "{0} descriptors")
    @ValueSource(ints = {8, 253})
    void onTheBeginningOfAHeaderAreClosedWithTheConnection(int count) throws Exception {
        FileDescriptor fd = make(Kind.PIPE_READ_END);
        loop.during(() -> {
            for (int i = 0; i < 20; i++) {
                try (var client = loop.negotiated()) {
                    client.send(new byte[] {1, 0, 2, 0}, copies(fd, count));
                }
                try (var client = loop.connect()) {
                    client.send(new byte[] {0, 0, 1, 0}, copies(fd, count));
                }
            }
        });
    }

    /// The pieces of one message with descriptors on each.
    @Test
    void onEveryPieceOfAMessageDoNotPileUp() throws Exception {
        FileDescriptor fd = make(Kind.PIPE_READ_END);
        byte[] write = Wire.write(1, 1, 0, new byte[64]);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                int before = openPipes();
                for (int i = 0; i < write.length - 1; i++) {
                    client.send(Arrays.copyOfRange(write, i, i + 1), copies(fd, 8));
                }
                client.send(Arrays.copyOfRange(write, write.length - 1, write.length));
                assertThat(isRefused(client)).isFalse();
                assertThat(openPipes()).isEqualTo(before);
            }
        });
    }

    /// The last close of such a socket waits for a peer that never reads, as long as the client has
    /// said: among what a command needs not, in a message that is not read any more, and with a
    /// connection that ends before it is read.
    @Test
    void socketsThatLingerHoldNobodyUpWhenTheyAreClosed() throws Exception {
        loop.during(() -> {
            try (var deaf = new DeafPeer()) {
                try (var client = loop.negotiated()) {
                    client.send(1, new DeviceGetInfo(32), FdBundle.of(deaf.lingering()));
                    assertThat(isRefused(client)).isFalse();
                    client.send(1, arm(1), FdBundle.of(deaf.lingering()));
                    assertThat(isRefused(client)).isTrue();
                    client.send(Wire.map(1, 3, 0, 0, 0x1000), FdBundle.of(deaf.lingering()));
                    assertThat(isRefused(client)).isTrue();
                    loop.letOthersWork();
                }
                try (var client = loop.negotiated()) {
                    byte[] unread = Wire.repeated(Wire.posted(0, 0, new byte[4]), 1000);
                    client.send(unread);
                    client.send(1, new DeviceGetInfo(32), FdBundle.of(deaf.lingering()));
                }
                try (var client = loop.connect()) {
                    client.send(new byte[] {0, 0, 1, 0}, FdBundle.of(deaf.lingering()));
                }
                loop.letOthersWork();
            }
        });
    }

    private static void flip(FileDescriptor fd, AtomicBoolean over) {
        while (!over.get()) {
            Descriptors.setBlocking(fd);
            Descriptors.setNonBlocking(fd);
        }
    }

    private static DeviceSetIrqs arm(int count) {
        return new DeviceSetIrqs(MSIX, 0, count, IrqAction.TRIGGER, new IrqData.Eventfd());
    }

    private static void ring(RawConnection client) {
        client.send(Wire.write(1, BELL, 0, new byte[4]));
    }

    private static boolean isRefused(RawConnection client) {
        try (var reply = client.receive()) {
            return reply.header().isError();
        }
    }

    private static FdBundle copies(FileDescriptor fd, int count) {
        var copies = new ArrayList<FileDescriptor>();
        for (int i = 0; i < count; i++) {
            copies.add(Descriptors.duplicate(fd));
        }
        return FdBundle.ofOwned(copies);
    }

    private static int openPipes() {
        return OpenDescriptors.settled().getOrDefault("pipe:[]", 0);
    }

    /// Brings the counter to its maximum, so that a blocking write would not return.
    private static void fill(EventFd eventFd) throws IOException {
        ByteBuffer most = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
        most.putLong(0, -2L);
        assertThat(eventFd.fd().write(most, 0, 8)).isEqualTo(8);
    }

    private FileDescriptor make(Kind kind) throws IOException {
        return switch (kind) {
            case PIPE_READ_END -> pipe()[0];
            case PIPE_WRITE_END -> pipe()[1];
            case BROKEN_PIPE -> {
                FileDescriptor[] pipe = pipe();
                pipe[0].close();
                yield pipe[1];
            }
            case SOCKET -> socket()[0];
            case SHUT_DOWN_SOCKET -> {
                FileDescriptor[] pair = socket();
                pair[1].close();
                yield pair[0];
            }
            case DIRECTORY -> keep(FileIo.open(directory, Protection.READ));
            case DEVICE -> keep(FileIo.open(Path.of("/dev/null"), Protection.READ_WRITE));
            case READ_ONLY_FILE -> {
                Path file = Files.write(directory.resolve("file"), new byte[0x1000]);
                yield keep(FileIo.open(file, Protection.READ));
            }
            case EMPTY_FILE -> {
                Path file = Files.createFile(directory.resolve("empty"));
                yield keep(FileIo.open(file, Protection.READ_WRITE));
            }
            case MEMORY -> {
                try (var memory = SharedMemory.create("hostile", 0x1000)) {
                    yield keep(memory.duplicate());
                }
            }
            case EVENTFD -> {
                try (var eventFd = EventFd.create()) {
                    yield keep(Descriptors.duplicate(eventFd.fd()));
                }
            }
        };
    }

    private FileDescriptor[] pipe() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        open.addAll(List.of(pipe));
        return pipe;
    }

    private FileDescriptor[] socket() {
        FileDescriptor[] pair = UnixSockets.pair();
        open.addAll(List.of(pair));
        return pair;
    }

    private FileDescriptor keep(FileDescriptor fd) {
        open.add(fd);
        return fd;
    }
}
