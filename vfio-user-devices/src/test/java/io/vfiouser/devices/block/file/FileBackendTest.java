package io.vfiouser.devices.block.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.DiskFile;
import io.vfiouser.os.IoVector;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class FileBackendTest {
    private static final int KIB = 1024;
    private static final int MIB = 1 << 20;

    @TempDir private Path directory;
    private Path path;

    @BeforeEach
    void choosePath() {
        path = directory.resolve("disk.img");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void holdsWhatIsWritten(long seed) throws IOException {
        try (var backend = open(FileSettings.of(path).withCreate(700_001))) {
            new BackendModel(backend, seed).run(60);
        }
        assertThat(Files.size(path)).isEqualTo(700_001);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void holdsWhatIsWrittenThrough(long seed) {
        var settings = FileSettings.of(path).withCreate(300 * KIB).withWriteCache(false);
        try (var backend = open(settings)) {
            assertThat(backend.properties().volatileWriteCache()).isFalse();
            new BackendModel(backend, seed).run(10);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void holdsWhatIsWrittenAroundThePageCache(long seed) {
        try (var backend = open(FileSettings.of(path).withCreate(4 * MIB).withDirect(true))) {
            assertThat(backend.properties().blockSize()).isGreaterThan(1);
            var model = new BackendModel(backend, seed).run(20);
            try (var cached = open(unlocked(path))) {
                model.verifyAll(cached);
            }
        }
    }

    @Test
    void holdsWhatIsWrittenInMemory() throws IOException {
        Path shared = Path.of("/dev/shm", "vfio-user-disk-" + ProcessHandle.current().pid());
        try (var backend = open(FileSettings.of(shared).withCreate(700_001))) {
            new BackendModel(backend, 8).run(60);
            FileStats before = backend.stats();
            TestRequest write = TestRequest.write(0, NativeMemory.allocate(4096));
            assertThat(write.submitTo(backend).isDone()).isTrue();
            assertThat(backend.stats().atOnce()).isEqualTo(before.atOnce() + 1);
        } finally {
            Files.delete(shared);
        }
    }

    @Test
    void readsAtOnceWhatThePageCacheHas() throws IOException {
        assumeTrue(probe(DiskFile::readCached) != DiskFile.NEVER_TELLS);
        assumeFalse(Files.getFileStore(directory).type().equals("tmpfs"));
        MemorySegment page = NativeMemory.allocate(4096);
        try (var around = open(FileSettings.of(path).withCreate(16 * MIB).withDirect(true))) {
            for (int i = 0; i < 8; i++) {
                assertThat(TestRequest.write(2L * i * MIB, page).run(around))
                        .isEqualTo(BlockStatus.OK);
            }
        }
        try (var backend = open(FileSettings.of(path))) {
            for (int i = 0; i < 8; i++) {
                assertThat(TestRequest.read(2L * i * MIB, page).run(backend))
                        .isEqualTo(BlockStatus.OK);
            }
            FileStats first = backend.stats();
            assertThat(first.atOnce() + first.byThreads()).isEqualTo(8);
            assertThat(first.missed()).isEqualTo(first.byThreads());
            assumeTrue(first.missed() > 0, "a disk that answers before the call is over");
            for (int i = 0; i < 8; i++) {
                var read = TestRequest.read(2L * i * MIB, page);
                assertThat(read.submitTo(backend).isDone()).isTrue();
            }
            assertThat(backend.stats())
                    .isEqualTo(
                            new FileStats(first.atOnce() + 8, first.byThreads(), first.missed()));
        }
    }

    @Test
    void triesNothingAtOnceThatCannotBeHadSo() {
        try (var backend = open(FileSettings.of(path).withCreate(MIB))) {
            MemorySegment half = NativeMemory.allocate(MIB / 2);
            assertThat(TestRequest.write(0, half, true).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.read(0, half).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.write(0, half.asSlice(0, 4096), true).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(backend.stats()).isEqualTo(new FileStats(0, 4, 0));
        }
        try (var backend = open(FileSettings.of(path).withDirect(true))) {
            MemorySegment block = NativeMemory.allocate(4096);
            assertThat(TestRequest.read(0, block).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.write(0, block).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(backend.stats()).isEqualTo(new FileStats(0, 2, 0));
        }
    }

    @Test
    void asksNoMoreWhereTheFileSystemNeverTells() throws IOException {
        assumeTrue(probe(DiskFile::writeCached) == DiskFile.NEVER_TELLS);
        try (var backend = open(FileSettings.of(path).withCreate(MIB))) {
            MemorySegment block = NativeMemory.allocate(4096);
            for (int i = 0; i < 3; i++) {
                assertThat(TestRequest.write(0, block).run(backend)).isEqualTo(BlockStatus.OK);
            }
            assertThat(backend.stats()).isEqualTo(new FileStats(0, 3, 1));
        }
    }

    @Test
    void directIoTakesMemoryOfAnyAlignment() {
        try (var backend = open(FileSettings.of(path).withCreate(4 * MIB).withDirect(true))) {
            MemorySegment from = NativeMemory.allocate(2 * MIB + 3).fill((byte) 1);
            from.asSlice(3, 2 * MIB).fill((byte) 2);
            assertThat(TestRequest.write(0, from.asSlice(3, 2 * MIB)).run(backend))
                    .isEqualTo(BlockStatus.OK);
            MemorySegment into = NativeMemory.allocate(2 * MIB + 1);
            assertThat(TestRequest.read(0, into.asSlice(1)).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(into.asSlice(1).mismatch(from.asSlice(3))).isEqualTo(-1);
        }
    }

    @Test
    void scattersOverMoreRangesThanTheKernelTakesAtOnce() {
        try (var backend = open(FileSettings.of(path).withCreate(MIB))) {
            MemorySegment from = NativeMemory.allocate(3000 * 2).fill((byte) 9);
            var write = new TestRequest();
            write.write(0, 3000, false);
            var read = new TestRequest();
            read.read(0, 3000);
            MemorySegment into = NativeMemory.allocate(3000 * 2);
            for (int i = 0; i < 3000; i++) {
                write.data().add(from, i * 2L, 1);
                read.data().add(into, i * 2L, 1);
            }
            assertThat(write.run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(read.run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(into.get(JAVA_BYTE, 2998 * 2)).isEqualTo((byte) 9);
            assertThat(into.get(JAVA_BYTE, 2998 * 2 + 1)).isZero();
        }
    }

    @Test
    void deallocationGivesRoomBack() throws Exception {
        try (var backend = open(FileSettings.of(path).withCreate(8 * MIB))) {
            assertThat(backend.properties().deallocatedReadsZero()).isTrue();
            MemorySegment from = NativeMemory.allocate(8 * MIB).fill((byte) 1);
            assertThat(TestRequest.write(0, from, true).run(backend)).isEqualTo(BlockStatus.OK);
            long before = roomOf(path);
            assertThat(TestRequest.deallocating(0, 4 * MIB).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.zeroing(4 * MIB, MIB, true).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(before - roomOf(path)).isEqualTo(5 * MIB);
        }
        assertThat(Files.size(path)).isEqualTo(8 * MIB);
    }

    @Test
    void manyRequestsAreAtTheDiskAtATime() {
        try (var backend = open(FileSettings.of(path).withCreate(MIB))) {
            List<TestRequest> requests = new ArrayList<>();
            for (int i = 0; i < 256; i++) {
                MemorySegment from = NativeMemory.allocate(4 * KIB).fill((byte) i);
                requests.add(TestRequest.write(i * 4L * KIB, from));
                requests.add(TestRequest.flushing());
            }
            requests.forEach(request -> request.submitTo(backend));
            backend.submitted();
            requests.forEach(request -> assertThat(request.await()).isEqualTo(BlockStatus.OK));
        }
    }

    @Test
    void memoryThatItsOwnerCutShortEndsOneRequest() {
        var guest = SharedMemory.create("guest", 8192);
        MemorySegment lost = guest.segment();
        guest.close();
        for (boolean direct : new boolean[] {false, true}) {
            var settings = FileSettings.of(path).withCreate(64 * KIB).withDirect(direct);
            try (var backend = open(settings)) {
                assertThat(TestRequest.write(0, lost).run(backend))
                        .isEqualTo(BlockStatus.MEMORY_FAULT);
                MemorySegment fine = alignedPage();
                assertThat(TestRequest.write(0, fine).run(backend)).isEqualTo(BlockStatus.OK);
                assertThat(TestRequest.read(0, lost.asSlice(0, 4096)).run(backend))
                        .isEqualTo(BlockStatus.MEMORY_FAULT);
                assertThat(TestRequest.read(0, fine).run(backend)).isEqualTo(BlockStatus.OK);
            }
        }
    }

    @Test
    void aFileThatWasCutIsAMediaError() throws IOException {
        try (var backend = open(FileSettings.of(path).withCreate(64 * KIB));
                var other = new RandomAccessFile(path.toFile(), "rw")) {
            other.setLength(16 * KIB);
            MemorySegment page = NativeMemory.allocate(4096);
            assertThat(TestRequest.read(32 * KIB, page).run(backend))
                    .isEqualTo(BlockStatus.MEDIA_ERROR);
            assertThat(TestRequest.read(8 * KIB, page).run(backend)).isEqualTo(BlockStatus.OK);

            List<Long> told = new ArrayList<>();
            backend.onResize(told::add);
            backend.refresh();
            backend.refresh();
            assertThat(told).containsExactly(16L * KIB);
            assertThat(TestRequest.read(32 * KIB, page).run(backend))
                    .isEqualTo(BlockStatus.OUT_OF_RANGE);
            backend.resize(40 * KIB);
            assertThat(TestRequest.read(36 * KIB, page).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(told).containsExactly(16L * KIB, 40L * KIB);
        }
    }

    @Test
    void readOnlyMeansReadOnly() {
        open(FileSettings.of(path).withCreate(64 * KIB)).close();
        try (var backend = open(FileSettings.of(path).withReadOnly(true));
                var second = open(FileSettings.of(path).withReadOnly(true))) {
            BlockProperties properties = backend.properties();
            assertThat(properties.readOnly()).isTrue();
            assertThat(properties.deallocate()).isFalse();
            MemorySegment page = NativeMemory.allocate(4096);
            assertThat(TestRequest.write(0, page).run(backend)).isEqualTo(BlockStatus.READ_ONLY);
            assertThat(TestRequest.read(0, page).run(second)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void twoDisksDoNotShareAFile() {
        try (var backend = open(FileSettings.of(path).withCreate(64 * KIB))) {
            assertThat(backend.properties().capacityBytes()).isEqualTo(64 * KIB);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(FileSettings.of(path)).close())
                    .withMessage(
                            "path: %s: locked by another disk or process (expected: free, or"
                                    + " lock=false)",
                            path);
            open(unlocked(path)).close();
        }
        open(FileSettings.of(path)).close();
    }

    @Test
    void aFileThatExistsIsKept() throws IOException {
        Files.write(path, new byte[] {1, 2, 3});
        try (var backend = open(FileSettings.of(path).withCreate(MIB))) {
            assertThat(backend.properties().capacityBytes()).isEqualTo(3);
        }
    }

    @Test
    void saysWhyAFileCannotBeUsed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(FileSettings.of(path)).close())
                .withMessage(
                        "path: %s: No such file or directory (expected: a file that exists, or"
                                + " create=SIZE)",
                        path);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> open(FileSettings.of(directory.resolve("a/b")).withCreate(1)).close())
                .withMessageContaining("No such file or directory");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSettings.of(path).withCreate(-1))
                .withMessage("create: -1 (expected: 0 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSettings.of(path).withReadOnly(true).withCreate(1))
                .withMessage("create: 1 (expected: 0 with read-only=true)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FileSettings(path, 0, false, false, true, true, 257))
                .withMessage("threads: 257 (expected: 1 to 256)");
    }

    @Test
    void completesWhatIsWaitingWhenClosed() {
        var backend = open(FileSettings.of(path).withCreate(64 * KIB));
        TestRequest gathered = TestRequest.flushing().submitTo(backend);
        assertThat(gathered.isDone()).isFalse();
        backend.close();
        backend.close();
        assertThat(gathered.await()).isEqualTo(BlockStatus.CANCELLED);
        assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.CANCELLED);
    }

    @Test
    void closingWaitsForNobodyAndLosesNoRequest() {
        for (int round = 0; round < 20; round++) {
            var backend = open(FileSettings.of(path).withCreate(MIB));
            List<TestRequest> requests = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                MemorySegment from = NativeMemory.allocate(4 * KIB);
                requests.add(TestRequest.write(i * 4L * KIB, from, true).submitTo(backend));
            }
            backend.submitted();
            backend.close();
            requests.forEach(request ->
                    assertThat(request.await()).isIn(BlockStatus.OK, BlockStatus.CANCELLED));
        }
    }

    @Test
    void threadsCanBeShared() {
        try (var workers = new FileWorkers("disks", 2);
                var first = FileBackend.open(FileSettings.of(path).withCreate(MIB), workers);
                var second =
                        FileBackend.open(
                                FileSettings.of(directory.resolve("second")).withCreate(MIB),
                                workers)) {
            var request = TestRequest.flushing().submitTo(first);
            first.submitted();
            assertThat(TestRequest.flushing().run(second)).isEqualTo(BlockStatus.OK);
            assertThat(request.await()).isEqualTo(BlockStatus.OK);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FileWorkers("none", 0).close())
                .withMessage("maxThreads: 0 (expected: at least 1)");
    }

    /// What the file system answers to a call that may not wait.
    private long probe(CachedCall call) throws IOException {
        Path other = Files.write(directory.resolve("probe"), new byte[4096]);
        try (DiskFile file = DiskFile.open(other, true, false)) {
            IoVector vector = IoVector.create(1);
            vector.add(NativeMemory.allocate(4096), 0, 4096);
            return call.run(file, vector, 0);
        }
    }

    @FunctionalInterface
    private interface CachedCall {
        long run(DiskFile file, IoVector vector, long offset);
    }

    private static FileBackend open(FileSettings settings) {
        return FileBackend.open(settings);
    }

    private static FileSettings unlocked(Path path) {
        return new FileSettings(path, 0, false, false, true, false, 4);
    }

    private static MemorySegment alignedPage() {
        MemorySegment memory = NativeMemory.allocate(8192);
        long past = memory.address() % 4096;
        return memory.asSlice(past == 0 ? 0 : 4096 - past, 4096);
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
