package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// [SharedMemory], [FileStatus], [FileIo], [NativeMemory] and [Descriptors].
@ExtendWith(NoDescriptorLeaks.class)
class FilesTest {
    @TempDir private Path directory;

    @Test
    void aReadOnlyDescriptorOfSharedMemoryMapsForReadingOnly() {
        try (SharedMemory memory = SharedMemory.create("guest", 4096)) {
            memory.segment().set(JAVA_BYTE, 7, (byte) 0x5a);
            FileDescriptor readOnly = memory.duplicateReadOnly();
            try (Mapping mapping = Mapping.map(readOnly, 0, 4096, Protection.READ)) {
                assertThat(mapping.segment().get(JAVA_BYTE, 7)).isEqualTo((byte) 0x5a);
            }
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> Mapping.map(readOnly, 0, 4096, Protection.READ_WRITE))
                    .extracting(NativeCallException::errno)
                    .isEqualTo(Errno.EACCES);
            Descriptors.close(readOnly);
        }
    }

    @Test
    void sharedMemoryIsSealedAtItsSize() throws IOException {
        try (SharedMemory memory = SharedMemory.create("guest", 5000)) {
            assertThat(memory.size()).isEqualTo(5000);
            assertThat(memory.segment().byteSize()).isEqualTo(5000);
            assertThat(memory.segment()).isSameAs(memory.segment());
            assertThat(memory.segment().get(JAVA_BYTE, 4999)).isZero();
            int fd = memory.fd().intValue();
            assertThat(MemoryFileCalls.ftruncate(CallState.current(), fd, 0))
                    .isEqualTo(-Errno.EPERM.number());
            assertThat(MemoryFileCalls.ftruncate(CallState.current(), fd, 9000))
                    .isEqualTo(-Errno.EPERM.number());
        }
    }

    @Test
    void sharedMemoryTakesUpADescriptorOnlyWhenItIsUsed() throws IOException {
        long before = openDescriptors();
        SharedMemory memory = SharedMemory.create("guest", 4096);
        try (memory) {
            memory.clear();
            assertThat(openDescriptors()).isEqualTo(before);
            assertThat(memory.fd()).isSameAs(memory.fd());
            assertThat(openDescriptors()).isEqualTo(before + 1);
        }
        assertThat(openDescriptors()).isEqualTo(before);
        assertThatIllegalStateException().isThrownBy(memory::fd);
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    @Test
    void sharedMemoryLivesOnInItsDuplicate() throws IOException {
        SharedMemory memory = SharedMemory.create("guest", 16);
        memory.segment().set(JAVA_BYTE, 3, (byte) 9);
        FileDescriptor second = memory.duplicate();
        memory.close();
        memory.close();

        assertThatIllegalStateException().isThrownBy(memory::segment);
        try (Mapping mapping = Mapping.map(second, 0, 16, Protection.READ)) {
            assertThat(mapping.segment().get(JAVA_BYTE, 3)).isEqualTo((byte) 9);
        }
        second.close();
    }

    @Test
    void sharedMemoryIsZeroAgainForAllOnceCleared() {
        SharedMemory memory = SharedMemory.create("guest", 3 * 4096);
        try (memory;
                Mapping other = Mapping.map(memory.fd(), 0, memory.size(), Protection.READ)) {
            memory.segment().fill((byte) 7);

            memory.clear();

            assertThat(other.segment().mismatch(MemorySegment.ofArray(new byte[3 * 4096])))
                    .isEqualTo(-1);
            memory.segment().set(JAVA_BYTE, 4096, (byte) 8);
            assertThat(other.segment().get(JAVA_BYTE, 4096)).isEqualTo((byte) 8);
        }
        assertThatIllegalStateException().isThrownBy(memory::clear);
    }

    @Test
    void sharedMemoryNeedsASize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SharedMemory.create("guest", 0).close())
                .withMessage("size: 0 (expected: at least 1)");
    }

    @Test
    void statusTellsKindAndSize() throws IOException {
        try (SharedMemory memory = SharedMemory.create("guest", 5000);
                EventFd event = EventFd.create()) {
            FileStatus status = FileStatus.of(memory.fd());
            assertThat(status.kind()).isEqualTo(FileStatus.Kind.REGULAR);
            assertThat(status.size()).isEqualTo(5000);
            assertThat(status.blockSize()).isPositive();
            assertThat(FileStatus.of(event.fd()).kind()).isEqualTo(FileStatus.Kind.ANONYMOUS);
            FileDescriptor copy = memory.duplicate();
            assertThat(FileStatus.of(copy)).isEqualTo(status);
            copy.close();
        }
        FileDescriptor folder = FileIo.open(directory, Protection.READ);
        assertThat(FileStatus.of(folder).kind()).isEqualTo(FileStatus.Kind.DIRECTORY);
        folder.close();
        FileDescriptor zero = FileIo.open(Path.of("/dev/zero"), Protection.READ);
        assertThat(FileStatus.of(zero).kind()).isEqualTo(FileStatus.Kind.CHARACTER);
        zero.close();
        FileDescriptor[] pair = UnixSockets.pair();
        assertThat(FileStatus.of(pair[0]).kind()).isEqualTo(FileStatus.Kind.SOCKET);
        pair[0].close();
        pair[1].close();
        FileDescriptor[] pipe = TestPipe.open();
        assertThat(FileStatus.of(pipe[0]).kind()).isEqualTo(FileStatus.Kind.PIPE);
        pipe[0].close();
        pipe[1].close();
    }

    @Test
    void statusOfAClosedDescriptorIsEbadf() {
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> FileStatus.of(new FileDescriptor(1_000_000)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> Descriptors.duplicate(new FileDescriptor(1_000_000)));
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> Descriptors.isNonBlocking(new FileDescriptor(1_000_000)));
    }

    @Test
    void readsAndWritesAtOffsets() throws IOException {
        Path file = Files.write(directory.resolve("disk"), new byte[100]);
        FileDescriptor fd = FileIo.open(file, Protection.READ_WRITE);
        MemorySegment from = NativeMemory.allocate(10).fill((byte) 7);
        FileIo.writeFully(fd, from, 95);
        assertThat(FileIo.pwritev(fd, List.of(from.asSlice(0, 1), from.asSlice(1, 2)), 0))
                .isEqualTo(3);
        FileIo.sync(fd);

        MemorySegment into = NativeMemory.allocate(10);
        FileIo.readFully(fd, into, 95);
        assertThat(into.mismatch(from)).isEqualTo(-1);
        MemorySegment first = NativeMemory.allocate(2);
        MemorySegment second = NativeMemory.allocate(2);
        assertThat(FileIo.preadv(fd, List.of(first, second), 0)).isEqualTo(4);
        assertThat(first.get(JAVA_BYTE, 1)).isEqualTo((byte) 7);
        assertThat(second.get(JAVA_BYTE, 0)).isEqualTo((byte) 7);
        assertThat(second.get(JAVA_BYTE, 1)).isZero();
        assertThat(FileIo.pread(fd, into, 105)).isZero();
        assertThat(FileIo.preadv(fd, List.of(), 0)).isZero();
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> FileIo.readFully(fd, into, 100))
                .withMessageContaining("file size: 105 (expected: at least 110)");
        fd.close();
    }

    @Test
    void usesTheFirst64Segments() throws IOException {
        FileDescriptor fd =
                FileIo.open(Files.write(directory.resolve("disk"), new byte[100]), Protection.READ);
        MemorySegment one = NativeMemory.allocate(1);

        assertThat(FileIo.preadv(fd, java.util.Collections.nCopies(80, one), 0)).isEqualTo(64);
        fd.close();
    }

    @Test
    void refusesSegmentsItCannotUse() throws IOException {
        FileDescriptor fd =
                FileIo.open(Files.write(directory.resolve("disk"), new byte[8]), Protection.READ);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileIo.pread(fd, MemorySegment.ofArray(new byte[4]), 0))
                .withMessageContaining("on the heap");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileIo.pread(fd, NativeMemory.allocate(4).asReadOnly(), 0))
                .withMessageContaining("read-only");
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> FileIo.pwrite(fd, NativeMemory.allocate(4), 0))
                .withMessageContaining("pwritev");
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> FileIo.sync(new FileDescriptor(1_000_000)));
        fd.close();
    }

    @Test
    void openSaysWhatIsMissing() {
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> FileIo.open(directory.resolve("absent"), Protection.READ))
                .withMessageContaining("absent): ENOENT");
    }
}
