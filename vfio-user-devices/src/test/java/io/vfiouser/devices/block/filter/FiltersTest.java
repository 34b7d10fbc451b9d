package io.vfiouser.devices.block.filter;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.device.NoSettings;
import io.vfiouser.device.Variant;
import io.vfiouser.device.Variants;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockBackends;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.block.memory.MemorySettings;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.testsupport.AllocatedBytes;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class FiltersTest {
    private static final int SIZE = 64 * 1024;
    private static final MemorySegment PAGE = NativeMemory.allocate(4096).fill((byte) 7);

    @TempDir private Path directory;
    private final MemoryBackend memory = MemoryBackend.create(SIZE);

    @Test
    void readOnlyLetsReadsAndFlushesThrough() {
        try (var filter = new ReadOnlyFilter(memory)) {
            assertThat(filter.properties().readOnly()).isTrue();
            assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.READ_ONLY);
            assertThat(TestRequest.deallocating(0, 512).run(filter))
                    .isEqualTo(BlockStatus.READ_ONLY);
            assertThat(TestRequest.read(0, NativeMemory.allocate(512)).run(filter))
                    .isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(filter)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void delayIsAddedByOperation() {
        var settings = new DelaySettings(Duration.ZERO, Duration.ofMillis(20), Duration.ZERO);
        try (var filter = new DelayFilter(memory, settings)) {
            long start = System.nanoTime();
            TestRequest write = TestRequest.write(0, PAGE).submitTo(filter);
            assertThat(write.isDone()).isFalse();
            assertThat(TestRequest.flushing().submitTo(filter).isDone()).isTrue();
            assertThat(write.await()).isEqualTo(BlockStatus.OK);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
        }
    }

    @Test
    void delayKeepsStatusAndBlocks() {
        try (var filter = new DelayFilter(memory, DelaySettings.of(Duration.ofNanos(1)))) {
            new BackendModel(filter, 3).run(10);
            assertThat(TestRequest.read(SIZE, PAGE).run(filter))
                    .isEqualTo(BlockStatus.OUT_OF_RANGE);
        }
    }

    @Test
    void delayEndsWithTheFilter() {
        var filter = new DelayFilter(memory, DelaySettings.of(Duration.ofHours(1)));
        TestRequest request = TestRequest.write(0, PAGE).submitTo(filter);
        filter.close();
        assertThat(request.await()).isEqualTo(BlockStatus.OK);
        assertThat(TestRequest.flushing().run(filter)).isEqualTo(BlockStatus.CANCELLED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DelaySettings.of(Duration.ofMillis(-1)))
                .withMessage("delay-read: PT-0.001S (expected: 0 or more)");
    }

    @Test
    void errorsComeAtTheRateAndWithTheSeed() {
        List<Integer> first = failures(42);
        assertThat(first).hasSizeBetween(200, 300);
        assertThat(failures(42)).isEqualTo(first);
        assertThat(failures(43)).isNotEqualTo(first);
    }

    @Test
    void errorsHitWhatTheyAreFor() throws IOException {
        Path trigger = directory.resolve("trigger");
        var settings =
                new ErrorSettings(
                        1, BlockStatus.MEDIA_ERROR, ErrorSettings.Target.WRITE, 0, trigger);
        try (var filter = new ErrorFilter(memory, settings)) {
            assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.OK);
            Files.createFile(trigger);
            assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.MEDIA_ERROR);
            assertThat(TestRequest.zeroing(0, 512, true).run(filter))
                    .isEqualTo(BlockStatus.MEDIA_ERROR);
            assertThat(TestRequest.flushing().run(filter)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.read(0, NativeMemory.allocate(512)).run(filter))
                    .isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void errorsComeOnDemand() {
        var settings =
                new ErrorSettings(
                        0, BlockStatus.IO_ERROR, ErrorSettings.Target.FLUSH, 0, Path.of("/"));
        try (var filter = new ErrorFilter(memory, settings)) {
            filter.failNext(2, BlockStatus.TIMED_OUT);
            assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.TIMED_OUT);
            assertThat(TestRequest.flushing().run(filter)).isEqualTo(BlockStatus.TIMED_OUT);
            assertThat(TestRequest.flushing().run(filter)).isEqualTo(BlockStatus.OK);
            filter.failNext(5, BlockStatus.IO_ERROR);
            filter.failNext(0, BlockStatus.IO_ERROR);
            assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.OK);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ErrorSettings(
                                1.5,
                                BlockStatus.IO_ERROR,
                                ErrorSettings.Target.ALL,
                                0,
                                Path.of("/")))
                .withMessage("error-rate: 1.5 (expected: 0 to 1)");
    }

    @Test
    void statsCountAndMakeNoGarbage() {
        try (var filter = new StatsFilter(memory)) {
            var write = new TestRequest();
            for (int i = 0; i < 10; i++) {
                assertThat(TestRequest.write(0, PAGE).run(filter)).isEqualTo(BlockStatus.OK);
            }
            write.write(SIZE, 4096, false).data().add(PAGE, 0, 4096);
            assertThat(write.run(filter)).isEqualTo(BlockStatus.OUT_OF_RANGE);

            OperationStats stats = filter.stats(BlockOperation.WRITE);
            assertThat(stats.count()).isEqualTo(11);
            assertThat(stats.errors()).isEqualTo(1);
            assertThat(stats.bytes()).isEqualTo(11 * 4096);
            assertThat(stats.totalNanos()).isPositive();
            assertThat(stats.quantileNanos(1)).isEqualTo(stats.maxNanos());
            assertThat(stats.quantileNanos(0.5)).isBetween(1L, stats.maxNanos());
            assertThat(filter.stats(BlockOperation.READ).quantileNanos(0.5)).isZero();

            Runnable round =
                    () -> {
                        for (int i = 0; i < 1000; i++) {
                            filter.submit(QUIET.read(0, 4096));
                        }
                    };
            for (int i = 0; i < 20; i++) {
                round.run();
            }
            assertThat(AllocatedBytes.by(round)).isLessThan(1000);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void copyOnWriteLeavesWhatIsBelow(long seed) {
        var below = new BackendModel(memory, seed).run(5);
        try (var filter = new CowFilter(memory, MemoryBackend.create(SIZE))) {
            assertThat(filter.properties().blockSize()).isEqualTo(512);
            new BackendModel(filter, seed + 100).run(50);
            below.verifyAll();
        }
    }

    @Test
    void copyOnWriteMixesBoth() {
        memory.submit(TestRequest.write(0, NativeMemory.allocate(SIZE).fill((byte) 1)));
        try (var filter = new CowFilter(memory, MemoryBackend.create(SIZE))) {
            MemorySegment block = NativeMemory.allocate(512).fill((byte) 2);
            assertThat(TestRequest.write(1024, block).run(filter)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.deallocating(2048, 512).run(filter)).isEqualTo(BlockStatus.OK);
            MemorySegment into = NativeMemory.allocate(3584);
            assertThat(TestRequest.read(0, into).run(filter)).isEqualTo(BlockStatus.OK);

            byte[] expected = {1, 1, 2, 1, 0, 1, 1};
            for (int i = 0; i < expected.length; i++) {
                assertThat(into.get(JAVA_BYTE, i * 512L)).isEqualTo(expected[i]);
            }
            assertThat(TestRequest.read(256, block).run(filter)).isEqualTo(BlockStatus.MISALIGNED);
        }
    }

    @Test
    void copyOnWriteTellsTheWorstOfItsParts() {
        var settings =
                new ErrorSettings(
                        1, BlockStatus.MEDIA_ERROR, ErrorSettings.Target.READ, 0, Path.of("/"));
        try (var filter =
                new CowFilter(new ErrorFilter(memory, settings), MemoryBackend.create(SIZE))) {
            assertThat(TestRequest.write(4096, PAGE).run(filter)).isEqualTo(BlockStatus.OK);
            MemorySegment into = NativeMemory.allocate(SIZE);
            assertThat(TestRequest.read(0, into).run(filter)).isEqualTo(BlockStatus.MEDIA_ERROR);
            assertThat(TestRequest.read(4096, PAGE).run(filter)).isEqualTo(BlockStatus.OK);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CowFilter(memory, MemoryBackend.create(512)).close())
                .withMessage("overlay: 512 bytes (expected: at least 65536, writable)");
    }

    @Test
    void filtersStackInTheOrderNamed() throws IOException {
        var stack =
                Variants.of(
                        new Variant("stats", new NoSettings()),
                        new Variant("cow", new CowSettings(directory)),
                        new Variant("readonly", new NoSettings()));
        try (BlockBackend disk =
                BlockBackends.open(
                        new Variant("memory", new MemorySettings(SIZE, 0, false, false)), stack)) {
            assertThat(disk).isInstanceOf(StatsFilter.class);
            assertThat(disk.properties().readOnly()).isFalse();
            new BackendModel(disk, 5).run(20);
            try (var left = Files.list(directory)) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void aStackThatCannotBeIsClosed() {
        var stack = Variants.of(new Variant("cow", new CowSettings(directory.resolve("absent"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        BlockBackends.open(
                                        new Variant(
                                                "memory",
                                                new MemorySettings(SIZE, 0, false, false)),
                                        stack)
                                .close())
                .withMessageContaining("cow-directory: ")
                .withMessageContaining("expected: a directory for a file with the changes");
    }

    @Test
    void everyFilterIsInstalled() {
        assertThat(BlockBackends.filters())
                .extracting(Variant::name)
                .contains("cow", "delay", "error", "readonly", "stats");
    }

    private List<Integer> failures(long seed) {
        var settings =
                new ErrorSettings(
                        0.25, BlockStatus.IO_ERROR, ErrorSettings.Target.ALL, seed, Path.of("/"));
        var filter = new ErrorFilter(memory, settings);
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            if (!TestRequest.flushing().run(filter).isOk()) {
                failed.add(i);
            }
        }
        return failed;
    }

    private static final class QuietRequest extends io.vfiouser.devices.block.BlockRequest {
        @Override
        protected void completed(BlockStatus status) {}
    }

    private static final QuietRequest QUIET = new QuietRequest();
}
