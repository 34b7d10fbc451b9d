package io.vfiouser.it.dma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Client memory of every kind, from and to every other, within a region and over several.
@ExtendWith(NoDescriptorLeaks.class)
class MemoryKindsTest {
    private static final int READ = DmaFlags.READ;
    private static final int WRITE = DmaFlags.WRITE;
    private static final long SOURCE = 0x1000_0000;
    private static final long TARGET = 0x2000_0000;
    private static final long PIECE = 0x3000;
    private static final int PIECES = 3;
    private static final long SIZE = PIECES * PIECE;

    private final TestServer server = TestServer.start();
    private final SharedMemory source = SharedMemory.create("source", SIZE);
    private final SharedMemory target = SharedMemory.create("target", SIZE);
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("testdev", new TestDevice());
        byte[] random = new byte[(int) SIZE];
        new Random(7).nextBytes(random);
        source.segment().copyFrom(MemorySegment.ofArray(random));
    }

    @AfterEach
    void close() {
        server.close();
        source.close();
        target.close();
    }

    /// How a region can be reached.
    enum Kind {
        MAPPED,
        FILE,
        MESSAGE;

        void map(VfioUserClient client, long iova, SharedMemory memory, long offset, int access) {
            switch (this) {
                case MAPPED -> client.dmaMap(iova, memory, offset, PIECE, new DmaFlags(access));
                case FILE -> {
                    var flags = new DmaFlags(access | DmaFlags.FILE_IO);
                    client.dmaMap(iova, memory, offset, PIECE, flags);
                }
                case MESSAGE -> {
                    MemorySegment part = memory.segment().asSlice(offset, PIECE);
                    client.dmaMapWithoutDescriptor(iova, part, new DmaFlags(access));
                }
            }
        }
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Kind.values())
                .flatMap(from -> Stream.of(Kind.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void copiesFromEveryKindToEveryKind(Kind from, Kind to) {
        try (var client = VfioUserClient.connect(socket)) {
            for (int i = 0; i < PIECES; i++) {
                from.map(client, SOURCE + i * PIECE, source, i * PIECE, READ);
                to.map(client, TARGET + i * PIECE, target, i * PIECE, WRITE);
            }
            for (int flags = 0; flags <= DmaCommands.BY_MESSAGE; flags++) {
                target.segment().fill((byte) 0xff);
                DmaCommands.copy(client, SOURCE + 0x1001, TARGET + 0x2ffd, 0x5005, flags);
                assertCopied(0x1001, 0x2ffd, 0x5005);
            }
        }
    }

    @Test
    void copiesOverRegionsOfAllKinds() {
        try (var client = VfioUserClient.connect(socket)) {
            for (int i = 0; i < PIECES; i++) {
                Kind kind = Kind.values()[i];
                kind.map(client, SOURCE + i * PIECE, source, i * PIECE, READ);
                Kind.values()[(i + 1) % PIECES].map(
                        client, TARGET + i * PIECE, target, i * PIECE, WRITE);
            }
            DmaCommands.copy(client, SOURCE, TARGET, SIZE, 0);
            assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void checksThePermissionsOfEachRegionBeforeAnythingMoves(Kind kind) {
        try (var client = VfioUserClient.connect(socket)) {
            kind.map(client, SOURCE, source, 0, READ);
            kind.map(client, SOURCE + PIECE, source, PIECE, WRITE);
            kind.map(client, TARGET, target, 0, READ | WRITE);
            kind.map(client, TARGET + PIECE, target, PIECE, READ);
            target.segment().fill((byte) 0xff);
            for (int flags = 0; flags <= DmaCommands.BY_MESSAGE; flags++) {
                // The second region of the source is not for reading.
                assertThat(errnoOf(client, SOURCE + PIECE - 8, TARGET, 16, flags))
                        .isEqualTo(Errno.EACCES);
                // The second region of the target is not for writing.
                assertThat(errnoOf(client, SOURCE, TARGET + PIECE - 8, 16, flags))
                        .isEqualTo(Errno.EACCES);
                // Behind the second region there is none.
                assertThat(errnoOf(client, TARGET + 2 * PIECE - 8, TARGET, 16, flags))
                        .isEqualTo(Errno.ENOENT);
                assertThat(errnoOf(client, SOURCE, 0, 16, flags)).isEqualTo(Errno.ENOENT);
            }
            assertThat(ones(target.segment())).isEqualTo(SIZE);
        }
    }

    private void assertCopied(long from, long to, long length) {
        MemorySegment copied = target.segment().asSlice(to, length);
        assertThat(copied.mismatch(source.segment().asSlice(from, length))).isEqualTo(-1);
        assertThat(ones(target.segment().asSlice(0, to))).isEqualTo(to);
        assertThat(ones(target.segment().asSlice(to + length))).isEqualTo(SIZE - to - length);
    }

    private static Errno errnoOf(
            VfioUserClient client, long from, long to, long length, int flags) {
        return catchThrowableOfType(
                        RemoteErrorException.class,
                        () -> DmaCommands.copy(client, from, to, length, flags))
                .errno();
    }

    private static long ones(MemorySegment segment) {
        return segment.elements(JAVA_BYTE).filter(each -> each.get(JAVA_BYTE, 0) == -1).count();
    }
}
