package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class MappingTest {
    /// Enough for the JIT to compile an access at its highest level.
    private static final int WARM_UP = 60_000;

    @TempDir private Path directory;

    @Test
    void sharesAFileRangeOfAnyAlignment() {
        try (SharedMemory memory = SharedMemory.create("guest", 3 * 4096)) {
            memory.segment().set(JAVA_BYTE, 4097, (byte) 42);
            try (Mapping mapping = Mapping.map(memory.fd(), 4097, 5000, Protection.READ_WRITE)) {
                assertThat(mapping.size()).isEqualTo(5000);
                assertThat(mapping.segment().byteSize()).isEqualTo(5000);
                assertThat(mapping.segment().get(JAVA_BYTE, 0)).isEqualTo((byte) 42);
                mapping.segment().set(JAVA_BYTE, 4999, (byte) 43);
            }
            assertThat(memory.segment().get(JAVA_BYTE, 4097 + 4999)).isEqualTo((byte) 43);
        }
    }

    @Test
    void readOnlyMappingRefusesWrites() {
        try (SharedMemory memory = SharedMemory.create("guest", 4096);
                Mapping mapping = Mapping.map(memory.fd(), 0, 4096, Protection.READ)) {
            assertThat(mapping.segment().isReadOnly()).isTrue();
            assertThatThrownBy(() -> mapping.segment().set(JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void rangesThatNoFileHasAreEinval() {
        try (SharedMemory memory = SharedMemory.create("guest", 4096)) {
            long[][] ranges = {
                {0, 0},
                {-1, 1},
                {0, -1},
                {Long.MAX_VALUE, 1},
                {1, Long.MAX_VALUE},
                {4096, Long.MIN_VALUE}
            };
            for (long[] range : ranges) {
                assertThatExceptionOfType(NativeCallException.class)
                        .isThrownBy(() ->
                                Mapping.map(memory.fd(), range[0], range[1], Protection.READ)
                                        .close())
                        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
            }
        }
    }

    @Test
    void descriptorDecidesWhatIsAllowed() throws IOException {
        Path file = fileOf(4096);
        FileDescriptor fd = FileIo.open(file, Protection.READ);
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> Mapping.map(fd, 0, 4096, Protection.READ_WRITE).close())
                .withMessageContaining("EACCES")
                .withMessageContaining("size=0x1000, READ_WRITE");
        fd.close();
        FileDescriptor[] pipe = TestPipe.open();
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> Mapping.map(pipe[0], 0, 4096, Protection.READ).close());
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void addressesThatDoNotExistAreEnomem() {
        try (SharedMemory memory = SharedMemory.create("guest", 4096)) {
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(
                            () -> Mapping.map(memory.fd(), 0, 1L << 50, Protection.READ).close())
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
        }
    }

    @Test
    void closedMappingGivesNoSegment() {
        try (SharedMemory memory = SharedMemory.create("guest", 4096)) {
            Mapping mapping = Mapping.map(memory.fd(), 0, 4096, Protection.READ);
            mapping.close();
            mapping.close();
            assertThatIllegalStateException().isThrownBy(mapping::segment);
        }
    }

    @Test
    void unusedMappingIsGoneAtOnce() throws IOException {
        try (SharedMemory memory = SharedMemory.create("never-touched", 4096)) {
            Mapping mapping = Mapping.map(memory.fd(), 0, 4096, Protection.READ);
            assertThat(mapsNaming("never-touched")).isEqualTo(1);
            mapping.close();
            assertThat(mapsNaming("never-touched")).isZero();
        }
    }

    @Test
    void accessAfterCloseFaultsAndTheProcessLives() throws IOException {
        try (SharedMemory memory = SharedMemory.create("guest", 8192)) {
            Mapping mapping = Mapping.map(memory.fd(), 0, 8192, Protection.READ_WRITE);
            MemorySegment stale = mapping.segment();
            memory.segment().set(JAVA_BYTE, 0, (byte) 1);
            assertThat(stale.get(JAVA_BYTE, 0)).isEqualTo((byte) 1);

            mapping.close();

            for (Consumer<MemorySegment> access : accesses()) {
                assertFaults(access, stale);
            }
            assertThat(memory.segment().get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
        }
    }

    @Test
    void truncatedFileFaultsInInterpretedAndCompiledCode() throws IOException {
        Path file = fileOf(8192);
        try (var channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileDescriptor fd = FileIo.open(file, Protection.READ_WRITE);
            try (Mapping mapping = Mapping.map(fd, 0, 8192, Protection.READ_WRITE)) {
                MemorySegment segment = mapping.segment();
                for (Consumer<MemorySegment> access : accesses()) {
                    grow(channel);
                    attempt(access, segment);
                    channel.truncate(0);
                    assertFaults(access, segment);
                    grow(channel);
                    int faults = 0;
                    for (int i = 0; i < WARM_UP; i++) {
                        faults += attempt(access, segment) ? 1 : 0;
                    }
                    assertThat(faults).isZero();
                    channel.truncate(0);
                    for (int i = 0; i < 1000; i++) {
                        assertFaults(access, segment);
                    }
                }
            } finally {
                fd.close();
            }
        }
    }

    @Test
    void systemCallsOnTruncatedMemoryAreEfault() throws IOException {
        Path file = fileOf(4096);
        try (SharedMemory memory = SharedMemory.create("closed", 4096)) {
            Mapping mapping = Mapping.map(memory.fd(), 0, 4096, Protection.READ_WRITE);
            MemorySegment stale = mapping.segment();
            mapping.close();
            FileDescriptor fd = FileIo.open(file, Protection.READ_WRITE);
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> FileIo.pread(fd, stale, 0))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> FileIo.pwrite(fd, stale, 0))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
            fd.close();
        }
    }

    @Test
    void tenThousandMapsAndClosesKeepTheMapShort() throws IOException, InterruptedException {
        long before = mapsNaming("");
        List<MemorySegment> held = new ArrayList<>();
        try (SharedMemory memory = SharedMemory.create("churn", 1 << 20)) {
            for (int i = 0; i < 10_000; i++) {
                Mapping mapping = Mapping.map(memory.fd(), 0, 1 << 20, Protection.READ_WRITE);
                held.add(mapping.segment());
                mapping.close();
            }
        }
        // All 10,000 segments are still held, and yet the kernel sees few mappings: they merged.
        assertThat(held).hasSize(10_000);
        assertThat(mapsNaming("") - before).isLessThan(1000);

        held.clear();
        long deadline = System.nanoTime() + 20_000_000_000L;
        long left = mapsNaming(Tombstone.NAME);
        while (left > 10 && System.nanoTime() < deadline) {
            System.gc();
            Thread.onSpinWait();
            left = mapsNaming(Tombstone.NAME);
        }
        assertThat(left).isLessThanOrEqualTo(10);
    }

    /// Whether the segment was ever asked for or not.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void largeMemoryGoesBackOnAnotherThread(boolean used) throws IOException {
        long size = 32 << 20;
        SharedMemory memory = SharedMemory.create("large-memory", size);
        memory.segment().fill((byte) 1);
        Mapping mapping = Mapping.map(memory.fd(), 0, size, Protection.READ_WRITE);
        MemorySegment segment = used ? mapping.segment() : MemorySegment.NULL;
        memory.close();

        mapping.close();

        if (used) {
            assertFaults(s -> sink = s.get(JAVA_INT_UNALIGNED, size - 4), segment);
        }
        while (PeerDescriptors.pending() > 0) {
            Thread.onSpinWait();
        }
        assertThat(mapsNaming("large-memory")).isZero();
    }

    @Test
    void otherErrorsAreNoFaults() {
        assertThat(MemoryFaults.isFault(new InternalError("something else"))).isFalse();
        assertThat(MemoryFaults.isFault(new IllegalStateException("closed"))).isFalse();
        MemoryFaults.deliverPending();
    }

    private static List<Consumer<MemorySegment>> accesses() {
        byte[] heap = new byte[256];
        MemorySegment array = MemorySegment.ofArray(heap);
        return List.of(
                s -> sink = s.get(JAVA_INT_UNALIGNED, 8),
                s -> s.set(JAVA_LONG_UNALIGNED, 16, 5),
                s -> sink = (long) JAVA_LONG.varHandle().getAcquire(s, 8L),
                s -> JAVA_LONG.varHandle().setRelease(s, 8L, 3L),
                s -> MemorySegment.copy(s, 0, array, 0, 256),
                s -> MemorySegment.copy(array, 0, s, 0, 256),
                s -> s.fill((byte) 1),
                s -> sink = s.mismatch(array),
                s -> sink = s.asByteBuffer().getInt(12));
    }

    private static volatile long sink;

    private static boolean attempt(Consumer<MemorySegment> access, MemorySegment segment) {
        try {
            access.accept(segment);
            MemoryFaults.deliverPending();
            return false;
        } catch (InternalError e) {
            assertThat(MemoryFaults.isFault(e)).isTrue();
            return true;
        }
    }

    private static void assertFaults(Consumer<MemorySegment> access, MemorySegment segment) {
        assertThat(attempt(access, segment)).isTrue();
    }

    private static void grow(FileChannel channel) throws IOException {
        channel.write(java.nio.ByteBuffer.allocate(8192), 0);
    }

    private Path fileOf(int size) throws IOException {
        return Files.write(directory.resolve("file"), new byte[size]);
    }

    private static long mapsNaming(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(name)).count();
        }
    }
}
