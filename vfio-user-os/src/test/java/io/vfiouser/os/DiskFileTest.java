package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// [DiskFile] and [IoVector].
@ExtendWith(NoDescriptorLeaks.class)
class DiskFileTest {
    private static final int MIB = 1 << 20;

    @TempDir private Path directory;
    private Path path;

    @BeforeEach
    void create() {
        path = directory.resolve("disk");
        DiskFile.create(path, 4 * MIB);
    }

    @Test
    void readsAndWritesSeveralRangesAtOnce() {
        MemorySegment from = NativeMemory.allocate(100).fill((byte) 7);
        MemorySegment into = NativeMemory.allocate(100);
        IoVector ranges = IoVector.create(4);
        try (DiskFile file = DiskFile.open(path, true, false)) {
            ranges.add(from, 0, 10);
            ranges.add(from, 50, 20);
            assertThat(file.write(ranges, 1000, true)).isEqualTo(30);
            ranges.skip(30);
            assertThat(ranges.remaining()).isZero();

            ranges.clear();
            ranges.add(into, 1, 5);
            ranges.add(into, 10, 30);
            assertThat(file.read(ranges, 998)).isEqualTo(35);
            file.sync();
        }
        assertThat(into.get(JAVA_BYTE, 2)).isZero();
        assertThat(into.get(JAVA_BYTE, 3)).isEqualTo((byte) 7);
        assertThat(into.get(JAVA_BYTE, 6)).isZero();
        assertThat(into.get(JAVA_BYTE, 36)).isEqualTo((byte) 7);
        assertThat(into.get(JAVA_BYTE, 37)).isZero();
    }

    @Test
    void goesOnAfterAPart() {
        MemorySegment from = NativeMemory.allocate(30);
        for (int i = 0; i < 30; i++) {
            from.set(JAVA_BYTE, i, (byte) i);
        }
        IoVector ranges = IoVector.create(3);
        ranges.add(from, 0, 10);
        ranges.add(from, 10, 10);
        ranges.add(from, 20, 10);
        ranges.skip(10);
        ranges.skip(3);
        MemorySegment into = NativeMemory.allocate(17);
        try (DiskFile file = DiskFile.open(path, true, false)) {
            assertThat(file.write(ranges, 0, false)).isEqualTo(17);
            IoVector all = IoVector.create(1);
            all.add(into, 0, 17);
            assertThat(file.read(all, 0)).isEqualTo(17);
        }
        assertThat(into.mismatch(from.asSlice(13))).isEqualTo(-1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranges.skip(18))
                .withMessage("bytes: 18 (expected: 0 to 17)");
    }

    @Test
    void holesAndZerosTakeUpNoRoom() throws IOException {
        try (DiskFile file = DiskFile.open(path, true, false)) {
            IoVector ranges = IoVector.create(1);
            ranges.add(NativeMemory.allocate(MIB).fill((byte) 1), 0, MIB);
            assertThat(file.write(ranges, 0, true)).isEqualTo(MIB);
            assertThat(roomOf(path)).isGreaterThanOrEqualTo(MIB);

            assertThat(file.punchHole(0, MIB)).isTrue();
            file.sync();
            assertThat(roomOf(path)).isLessThan(MIB);
            assertThat(Files.readAllBytes(path)).containsOnly(0);
            assertThat(file.size()).isEqualTo(4 * MIB);
        }
    }

    @Test
    void growsAndShrinks() {
        try (DiskFile file = DiskFile.open(path, true, false)) {
            file.resize(1000);
            assertThat(file.size()).isEqualTo(1000);
            file.resize(1L << 40);
            assertThat(file.size()).isEqualTo(1L << 40);
        }
    }

    @Test
    void isLockedForOthersUntilClosed() {
        DiskFile first = DiskFile.open(path, true, false);
        try (DiskFile second = DiskFile.open(path, true, false)) {
            assertThat(first.tryLock(true)).isTrue();
            assertThat(second.tryLock(true)).isFalse();
            assertThat(second.tryLock(false)).isFalse();
            first.close();
            assertThat(second.tryLock(true)).isTrue();
        }
    }

    @Test
    void directIoSaysWhatItNeeds() {
        try (DiskFile file = DiskFile.open(path, true, true)) {
            int unit = file.offsetAlignment();
            assertThat(unit).isBetween(1, 65536);
            assertThat(file.memoryAlignment()).isBetween(1, 65536);
            MemorySegment memory = NativeMemory.allocate(3 * 65536);
            long start = (65536 - memory.address() % 65536) % 65536;
            IoVector ranges = IoVector.create(1);
            ranges.add(memory, start, unit);
            assertThat(file.write(ranges, 0, false)).isEqualTo(unit);
            assertThat(file.read(ranges, 0)).isEqualTo(unit);
        }
        try (DiskFile file = DiskFile.open(path, true, false)) {
            assertThat(file.offsetAlignment()).isEqualTo(1);
            assertThat(file.memoryAlignment()).isEqualTo(1);
        }
    }

    @Test
    void knowsFilesInMemory() {
        Path shared = Path.of("/dev/shm", "vfio-user-test-" + ProcessHandle.current().pid());
        DiskFile.create(shared, 4096);
        try (DiskFile file = DiskFile.open(shared, false, false);
                DiskFile other = DiskFile.open(path, false, false)) {
            assertThat(file.isInMemory()).isTrue();
            assertThat(other.size()).isEqualTo(4 * MIB);
        } finally {
            assertThat(shared.toFile().delete()).isTrue();
        }
    }

    @Test
    void whatIsCachedNeedsNoWaiting() {
        MemorySegment memory = NativeMemory.allocate(4096).fill((byte) 3);
        IoVector ranges = IoVector.create(1);
        ranges.add(memory, 0, 4096);
        try (DiskFile file = DiskFile.open(path, true, false)) {
            assertThat(file.write(ranges, 0, false)).isEqualTo(4096);
            assertThat(file.readCached(ranges, 0))
                    .isIn(4096L, DiskFile.WOULD_WAIT, DiskFile.NEVER_TELLS);
            assertThat(file.writeCached(ranges, 0))
                    .isIn(4096L, DiskFile.WOULD_WAIT, DiskFile.NEVER_TELLS);
        }
        assertThat(memory.get(JAVA_BYTE, 4095)).isEqualTo((byte) 3);
    }

    @Test
    void memoryThatIsGoneIsEfault() {
        var guest = SharedMemory.create("guest", 4096);
        MemorySegment lost = guest.segment();
        guest.close();
        IoVector ranges = IoVector.create(1);
        ranges.add(lost, 0, 4096);
        try (DiskFile file = DiskFile.open(path, true, false)) {
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> file.write(ranges, 0, false))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
            ranges.clear();
            ranges.add(NativeMemory.allocate(4096), 0, 4096);
            assertThat(file.write(ranges, 0, false)).isEqualTo(4096);
            ranges.clear();
            ranges.add(lost, 0, 4096);
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> file.read(ranges, 0))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
        }
    }

    @Test
    void aClosedFileIsEbadf() {
        DiskFile file = DiskFile.open(path, true, false);
        file.close();
        file.close();
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(file::sync)
                .withMessage("fdatasync(closed): EBADF (Bad file descriptor)");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> DiskFile.create(path, 1))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DiskFile.open(directory, false, false).close())
                .withMessage(
                        "path: %s: directory (expected: a file or a block device)"
                                .formatted(directory));
        IoVector ranges = IoVector.create(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranges.add(MemorySegment.ofArray(new byte[1]), 0, 1))
                .withMessage("segment: on the heap (expected: native)");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> ranges.add(NativeMemory.allocate(8), 4, 5));
        assertThat(ranges.add(NativeMemory.allocate(8).asReadOnly(), 0, 8)).isTrue();
        assertThat(ranges.add(NativeMemory.allocate(8), 0, 8)).isFalse();
        try (DiskFile file = DiskFile.open(path, false, false)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> file.read(ranges, 0))
                    .withMessage("into: read-only (expected: writable)");
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> file.write(ranges, 0, false))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IoVector.create(1025))
                .withMessage("capacity: 1025 (expected: 1 to 1024)");
    }

    private static long roomOf(Path path) throws IOException {
        Process du =
                new ProcessBuilder("du", "--block-size=1", path.toString())
                        .redirectErrorStream(true)
                        .start();
        try (var output = du.inputReader()) {
            return Long.parseLong(output.readLine().split("\t", -1)[0]);
        }
    }
}
