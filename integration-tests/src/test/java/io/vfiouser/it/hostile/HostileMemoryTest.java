package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.OpenDescriptors;
import io.vfiouser.it.support.ProcessMappings;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.PeerDescriptors;
import io.vfiouser.os.Protection;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Memory that is not what it was said to be, and maps at the edges of what can be said. Overlaps
/// and partial unmaps are in the conformance suite (`DmaMapChecks`, `DmaUnmapChecks`), and so are
/// the short messages (`PayloadLengthChecks`).
@ExtendWith(NoDescriptorLeaks.class)
class HostileMemoryTest {
    private static final long IOVA = 0x10_0000;
    private static final long SIZE = 0x4000;
    private static final int READ_WRITE = 3;
    private static final int MANY = 65_536;

    /// Enough to hold up a loop that unmaps them all at once.
    private static final int MANY_MAPPED = 5000;

    private static final int AT_ONCE = 50;

    /// How many maps are sent before their answers are waited for.
    private static final int BATCH = 256;

    private final CrowdedLoop loop = CrowdedLoop.start();
    @TempDir private Path directory;

    @AfterEach
    void close() {
        loop.close();
    }

    /// Interpreted at first, compiled at the end; each collector in `it.fault.TruncatedMemoryTest`.
    @Test
    void cutShortUnderTheDevice() throws Exception {
        Path file = Files.write(directory.resolve("memory"), new byte[(int) SIZE]);
        loop.during(() -> {
            try (var client = loop.client();
                    var memory = open(file)) {
                map(client, file, IOVA, SIZE, DmaFlags.READ_WRITE);
                DmaCommands.copy(client, IOVA, IOVA + 0x1000, 0x1000, 0);
                memory.truncate(0x1000);
                for (int i = 0; i < 500; i++) {
                    assertThat(errnoOfCopy(client, IOVA, IOVA + 0x2000, 64))
                            .isEqualTo(Errno.EFAULT);
                    assertThat(errnoOfCopy(client, IOVA + 0x2000, IOVA, 64))
                            .isEqualTo(Errno.EFAULT);
                }
                DmaCommands.copy(client, IOVA, IOVA + 0x800, 0x800, 0);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"0x0, 0x4001", "0x1000, 0x4000", "0x4000, 0x1000", "0x100000000, 0x1000"})
    void thatEndsBeforeTheMapIsRefused(String offset, String size) throws Exception {
        Path file = Files.write(directory.resolve("memory"), new byte[(int) SIZE]);
        loop.during(() -> {
            try (var client = loop.client()) {
                var map =
                        new DmaMap(
                                DmaFlags.READ_WRITE, Long.decode(offset), IOVA, Long.decode(size));
                for (int i = 0; i < 100; i++) {
                    var fd = FileIo.open(file, Protection.READ_WRITE);
                    try (var answer = client.send(map, FdBundle.of(fd))) {
                        assertThat(answer.reply()).isEqualTo(new ErrorReply(Errno.EINVAL));
                    }
                }
            }
        });
    }

    static Stream<Arguments> permissions() {
        return Stream.of(
                Arguments.of(0, Errno.EACCES, Errno.EACCES),
                Arguments.of(DmaFlags.READ, null, Errno.EACCES),
                Arguments.of(DmaFlags.WRITE, Errno.EACCES, null),
                Arguments.of(READ_WRITE, null, null));
    }

    @ParameterizedTest
    @MethodSource("permissions")
    void isUsedOnlyAsItsFlagsSay(int flags, @Nullable Errno read, @Nullable Errno write)
            throws Exception {
        try (var memory = SharedMemory.create("hostile", SIZE);
                var other = SharedMemory.create("hostile", SIZE)) {
            memory.fd();
            other.fd();
            loop.during(() -> {
                try (var client = loop.client()) {
                    client.dmaMap(IOVA, memory, 0, SIZE, new DmaFlags(flags));
                    client.dmaMap(2 * IOVA, other, 0, SIZE, DmaFlags.READ_WRITE);
                    assertThat(errnoOfCopy(client, IOVA, 2 * IOVA, 64)).isEqualTo(read);
                    assertThat(errnoOfCopy(client, 2 * IOVA, IOVA, 64)).isEqualTo(write);
                }
            });
        }
    }

    @Test
    void atTheEndOfTheAddressesIsUsedUpToTheLastByteAndNoFurther() throws Exception {
        try (var memory = SharedMemory.create("hostile", SIZE)) {
            memory.fd();
            loop.during(() -> {
                try (var client = loop.client()) {
                    client.dmaMap(-SIZE, memory, 0, SIZE, DmaFlags.READ_WRITE);
                    DmaCommands.copy(client, -0x40, -0x80, 0x40, 0);
                    for (long length : new long[] {0x41, 0x80, 0x1000, 16 << 20}) {
                        assertThat(errnoOfCopy(client, -0x40, -SIZE, length))
                                .isEqualTo(Errno.ENOENT);
                        assertThat(errnoOfCopy(client, -SIZE, -0x40, length))
                                .isEqualTo(Errno.ENOENT);
                    }
                }
            });
        }
    }

    @Test
    void thatWrapsIsRefusedInAnEmptyTableToo() throws Exception {
        try (var memory = SharedMemory.create("hostile", SIZE)) {
            memory.fd();
            loop.during(() -> {
                try (var client = loop.negotiated()) {
                    byte[][] maps = {
                        Wire.map(1, READ_WRITE, 0, -0x1000, 0x1001),
                        Wire.map(1, READ_WRITE, 0, -0x1000, SIZE),
                        Wire.map(1, READ_WRITE, 0, 0x1000, -1),
                        Wire.map(1, READ_WRITE, 0, 0x1000, 0)
                    };
                    for (byte[] map : maps) {
                        client.send(map, FdBundle.of(memory.duplicate()));
                        assertThat(isRefused(client)).isTrue();
                        client.send(map);
                        assertThat(isRefused(client)).isTrue();
                    }
                }
            });
        }
    }

    /// And gone again when the client unmaps them or leaves, without holding up the others.
    @ParameterizedTest(name = "unmapped: {0}")
    @ValueSource(booleans = {false, true})
    void inAsManyPiecesAsAreAllowed(boolean unmapped) throws Exception {
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < MANY; i += BATCH) {
                    client.send(maps(i, BATCH));
                    for (int k = 0; k < BATCH; k++) {
                        assertThat(isRefused(client)).isFalse();
                    }
                }
                byte[] oneMore = Wire.map(1, READ_WRITE, 0, 0, 0x1000);
                client.send(oneMore);
                assertThat(isRefused(client)).isTrue();
                if (unmapped) {
                    client.send(Wire.unmap(1, DmaUnmap.ALL, 0, 0));
                    client.send(oneMore);
                    assertThat(isRefused(client)).isFalse();
                    assertThat(isRefused(client)).isFalse();
                }
                loop.letOthersWork();
            }
        });
    }

    @ParameterizedTest(name = "unmapped: {0}")
    @ValueSource(booleans = {false, true})
    void inThousandsOfMappings(boolean unmapped) throws Exception {
        try (var memory = SharedMemory.create("hostile", 0x1000)) {
            memory.fd();
            ProcessMappings before = ProcessMappings.countWhenSettled();
            loop.during(() -> {
                try (var client = loop.negotiated()) {
                    for (int first = 0; first < MANY_MAPPED; first += AT_ONCE) {
                        for (int i = first; i < first + AT_ONCE; i++) {
                            client.send(maps(i, 1), FdBundle.of(memory.duplicate()));
                        }
                        for (int i = 0; i < AT_ONCE; i++) {
                            assertThat(isRefused(client)).isFalse();
                        }
                    }
                    if (unmapped) {
                        client.send(Wire.unmap(1, DmaUnmap.ALL, 0, 0));
                        assertThat(isRefused(client)).isFalse();
                    }
                    loop.letOthersWork();
                }
            });
            ProcessMappings after = ProcessMappings.countAfterCollecting(before.memory());
            // The device maps its own memory at the first access.
            assertThat(after.memory()).isLessThanOrEqualTo(before.memory() + 1);
        }
    }

    private static byte[] maps(int first, int count) {
        byte[] one = Wire.map(1, READ_WRITE, 0, 0, 0x1000);
        byte[] all = Wire.repeated(one, count);
        for (int i = 0; i < count; i++) {
            long iova = IOVA + 0x2000L * (first + i);
            MemorySegment.ofArray(all).set(LittleEndian.LONG, (long) i * one.length + 32, iova);
        }
        return all;
    }

    @Test
    void unmappedWhileTheDeviceCopiesIt() throws Exception {
        long size = 16 << 20;
        try (var memory = SharedMemory.create("hostile", size)) {
            memory.fd();
            loop.during(() -> {
                try (var client = loop.client()) {
                    for (int i = 0; i < 20; i++) {
                        client.dmaMap(IOVA, memory, 0, size, DmaFlags.READ_WRITE);
                        byte[] copy = DmaCommands.command(IOVA, IOVA + size / 2, size / 2, 0);
                        var copying =
                                client.async()
                                        .regionWrite(DmaCommands.BAR, DmaCommands.REGISTER, copy);
                        client.dmaUnmap(IOVA, size);
                        copying.get(20, TimeUnit.SECONDS);
                    }
                }
            });
        }
    }

    /// The kernel gives it back page by page, some 0.1 s for each GiB: not before the answer. One
    /// of a few attempts shows it; in all of them the other thread could only by chance be done
    /// already.
    @Test
    void ofWhichTheServerIsTheLastUserIsGivenBackBesideTheLoop() throws Exception {
        long size = 256 << 20;
        loop.during(() -> {
            boolean beside = false;
            for (int i = 0; i < 10 && !beside; i++) {
                try (var client = loop.client()) {
                    try (var memory = SharedMemory.create("hostile", size)) {
                        memory.segment().fill((byte) 1);
                        client.dmaMap(IOVA, memory, 0, size, DmaFlags.READ_WRITE);
                        DmaCommands.copy(client, IOVA, IOVA + 0x1000, 0x1000, 0);
                    }
                    OpenDescriptors.settled();
                    client.dmaUnmap(IOVA, size);
                    beside = PeerDescriptors.pending() > 0;
                }
            }
            assertThat(beside).isTrue();
        });
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static void map(
            VfioUserClient client, Path file, long iova, long size, DmaFlags flags) {
        var fd = FileIo.open(file, Protection.READ_WRITE);
        try (var answer = client.send(new DmaMap(flags, 0, iova, size), FdBundle.of(fd))) {
            assertThat(answer.reply()).isEqualTo(EmptyReply.INSTANCE);
        }
    }

    private static @Nullable Errno errnoOfCopy(
            VfioUserClient client, long from, long to, long length) {
        ThrowingCallable copy = () -> DmaCommands.copy(client, from, to, length, 0);
        var refused = catchThrowableOfType(RemoteErrorException.class, copy);
        return refused == null ? null : refused.errno();
    }

    private static boolean isRefused(RawConnection client) {
        try (var reply = client.receive()) {
            return reply.header().isError();
        }
    }
}
