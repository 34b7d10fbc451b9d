package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.FILE_IO;
import static io.vfiouser.server.dma.Maps.NONE;
import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RO;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.WO;
import static io.vfiouser.server.dma.Maps.assertRejected;
import static io.vfiouser.server.dma.Maps.map;
import static io.vfiouser.server.dma.Maps.mapMessages;
import static io.vfiouser.server.dma.Maps.table;
import static io.vfiouser.server.dma.Maps.unmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class DmaTableTest {
    private final DmaTable table = table();

    @AfterEach
    void closeTable() {
        table.close();
    }

    @Test
    void tellsWhatTheDeviceShouldKnow() {
        assertThat(table.map(new DmaMap(RO, 0, 0x1000, 0x2000), FdBundle.empty()))
                .contains(new DmaRange(0x1000, 0x2000, true, false, false));
        assertThat(table.region(0x2fff)).map(DmaRegion::iova).contains(0x1000L);
        assertThat(table.region(0x3000)).isEmpty();
        assertThat(table.region(0xfff)).isEmpty();
    }

    @Test
    void refusesAnEmptyRange() {
        assertRejected(Errno.EINVAL, () -> mapMessages(table, 0x1000, 0, RW));
    }

    @Test
    void refusesARangeThatWraps() {
        assertRejected(Errno.EINVAL, () -> mapMessages(table, -PAGE, PAGE + 1, RW));
        assertRejected(Errno.EINVAL, () -> mapMessages(table, 2, -1, RW));
        assertThat(table.size()).isZero();
    }

    @Test
    void acceptsARangeThatEndsAtTheTop() {
        mapMessages(table, -64, 64, RW);
        assertThat(table.region(-1)).isPresent();
        assertThat(table.region(-64)).isPresent();
        assertThat(table.region(-65)).isEmpty();
        assertThat(table.region(0)).isEmpty();
        mapMessages(table, 0, -64, RW);
        assertThat(table.region(-65)).map(DmaRegion::iova).contains(0L);
        unmap(table, -64, 64);
        assertThat(table.region(-64)).isEmpty();
    }

    @Test
    void refusesEveryKindOfOverlap() {
        mapMessages(table, 0x8000_0000_0000_0000L, 0x4000, RW);
        long[][] overlaps = {
            {0x7fff_ffff_ffff_f000L, 0x1001},
            {0x8000_0000_0000_3fffL, 0x1000},
            {0x8000_0000_0000_1000L, 0x1000},
            {0x8000_0000_0000_0000L, 0x1000},
            {0x8000_0000_0000_3000L, 0x1000},
            {0x7fff_ffff_ffff_f000L, 0x8000},
            {0x8000_0000_0000_0000L, 0x4001},
            {0, -1},
        };
        for (long[] range : overlaps) {
            assertRejected(Errno.EEXIST, () -> mapMessages(table, range[0], range[1], RW));
        }
        mapMessages(table, 0x7fff_ffff_ffff_f000L, 0x1000, RW);
        mapMessages(table, 0x8000_0000_0000_4000L, 0x1000, RW);
        assertThat(table.size()).isEqualTo(3);
    }

    @Test
    void exactRepetitionChangesNothing() throws IOException {
        try (var memory = SharedMemory.create("dma-repeat", 4 * PAGE)) {
            assertThat(map(table, memory, PAGE, 0x1000, PAGE, RW)).isTrue();
            assertThat(map(table, memory, PAGE, 0x1000, PAGE, RW)).isFalse();
            // The explicit way of saying the same.
            var mmap = new DmaFlags(RW.bits() | DmaFlags.MMAP);
            assertThat(map(table, memory, PAGE, 0x1000, PAGE, mmap)).isFalse();
            assertThat(Maps.mappingsOf("dma-repeat")).isEqualTo(1);
            assertThat(map(table, memory, 0, 0x9000, PAGE, FILE_IO)).isTrue();
            assertThat(map(table, memory, 0, 0x9000, PAGE, FILE_IO)).isFalse();
        }
        mapMessages(table, 0x5000, PAGE, RO);
        assertThat(table.map(new DmaMap(RO, 0, 0x5000, PAGE), FdBundle.empty())).isEmpty();
        assertThat(table.size()).isEqualTo(3);
    }

    @Test
    void repetitionWithAnyDifferenceIsAnOverlap() {
        try (var memory = SharedMemory.create("guest", 4 * PAGE);
                var other = SharedMemory.create("guest", 4 * PAGE)) {
            map(table, memory, PAGE, 0x1000, PAGE, RW);
            assertRejected(Errno.EEXIST, () -> map(table, memory, 0, 0x1000, PAGE, RW));
            assertRejected(Errno.EEXIST, () -> map(table, other, PAGE, 0x1000, PAGE, RW));
            assertRejected(Errno.EEXIST, () -> map(table, memory, PAGE, 0x1000, PAGE, RO));
            assertRejected(Errno.EEXIST, () -> map(table, memory, PAGE, 0x1000, 2 * PAGE, RW));
            assertRejected(Errno.EEXIST, () -> map(table, memory, PAGE, 0x1000, PAGE, FILE_IO));
            assertRejected(Errno.EEXIST, () -> mapMessages(table, 0x1000, PAGE, RW));
            mapMessages(table, 0x9000, PAGE, RW);
            assertRejected(Errno.EEXIST, () -> map(table, memory, 0, 0x9000, PAGE, RW));
        }
    }

    @Test
    void refusesFlagsWithoutMeaning() {
        try (var memory = SharedMemory.create("guest", PAGE)) {
            for (int flags : List.of(0x13, 0x8000_0003, 0xf)) {
                var unknown = new DmaFlags(flags);
                assertRejected(Errno.EINVAL, () -> map(table, memory, 0, 0, PAGE, unknown));
            }
        }
        for (int flags : List.of(0x7, 0xb)) {
            var lacking = new DmaFlags(flags);
            assertRejected(Errno.EINVAL, () -> mapMessages(table, 0, PAGE, lacking));
        }
    }

    @Test
    void limitsTheNumberOfRegions() {
        try (var small = new DmaTable(2, 1L << 40, DirtySink.NONE)) {
            mapMessages(small, 0, PAGE, RW);
            mapMessages(small, PAGE, PAGE, RW);
            assertRejected(Errno.EINVAL, () -> mapMessages(small, 2 * PAGE, PAGE, RW));
            unmap(small, 0, PAGE);
            mapMessages(small, 2 * PAGE, PAGE, RW);
        }
    }

    @Test
    void limitsTheMappedBytesOnly() {
        try (var small = new DmaTable(100, 3 * PAGE, DirtySink.NONE);
                var memory = SharedMemory.create("guest", 4 * PAGE)) {
            map(small, memory, 0, 0, 2 * PAGE, RW);
            assertRejected(Errno.ENOSPC, () -> map(small, memory, 0, 0x10000, 2 * PAGE, RW));
            assertRejected(Errno.ENOSPC, () -> map(small, memory, 0, 0x10000, -0x20000, RW));
            map(small, memory, 0, 0x10000, PAGE, RW);
            map(small, memory, 0, 0x20000, 4 * PAGE, FILE_IO);
            mapMessages(small, 0x30000, 1L << 50, RW);
            unmap(small, 0, 2 * PAGE);
            map(small, memory, 0, 0, 2 * PAGE, RW);
        }
    }

    @Test
    void keepsRegionsInTheOrderOfMapping() {
        for (long iova : List.of(0x5000L, 0x1000L, 0x9000L, 0x3000L)) {
            mapMessages(table, iova, PAGE, RW);
        }
        unmap(table, 0x1000, PAGE);
        mapMessages(table, 0x1000, PAGE, RW);
        assertThat(order()).containsExactly(0x5000L, 0x9000L, 0x3000L, 0x1000L);
        unmap(table, 0x5000, PAGE);
        unmap(table, 0x1000, PAGE);
        assertThat(order()).containsExactly(0x9000L, 0x3000L);
        unmap(table, 0x9000, PAGE);
        unmap(table, 0x3000, PAGE);
        assertThat(order()).isEmpty();
        mapMessages(table, 0x1000, PAGE, RW);
        assertThat(order()).containsExactly(0x1000L);
    }

    @Test
    void unmapWantsExactlyOneRegion() {
        mapMessages(table, 0x1000, 2 * PAGE, RW);
        mapMessages(table, 0x3000, PAGE, RW);
        long[][] wrong = {
            {0x1000, PAGE}, {0x2000, PAGE}, {0x1000, 3 * PAGE}, {0, PAGE}, {0x1000, 0}
        };
        for (long[] range : wrong) {
            assertRejected(Errno.ENOENT, () -> table.beginUnmap(range[0], range[1]));
        }
        unmap(table, 0x3000, PAGE);
        assertRejected(Errno.ENOENT, () -> table.beginUnmap(0x3000, PAGE));
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void takesNoDescriptorExceptForFileIo() {
        try (var memory = SharedMemory.create("guest", PAGE)) {
            try (var fds = FdBundle.of(memory.duplicate(), memory.duplicate())) {
                table.map(new DmaMap(RW, 0, 0, PAGE), fds);
                assertThat(fds.peek(0).isOpen()).isTrue();
                assertThat(fds.peek(1).isOpen()).isTrue();
            }
            try (var fds = FdBundle.of(memory.duplicate())) {
                table.map(new DmaMap(FILE_IO, 0, 0x10000, PAGE), fds);
                assertThatIllegalStateException().isThrownBy(() -> fds.peek(0));
            }
        }
    }

    @Test
    void sixtyFiveThousandRegionsWithoutDescriptorFit() {
        for (long i = 0; i < 65_536; i++) {
            mapMessages(table, i * 2 * PAGE, PAGE, i % 2 == 0 ? WO : NONE);
        }
        assertRejected(Errno.EINVAL, () -> mapMessages(table, PAGE, PAGE, RW));
        assertThat(table.region(65_535 * 2 * PAGE)).isPresent();
        assertThat(table.region(65_535 * 2 * PAGE - 1)).isEmpty();
        PendingUnmap all = table.beginUnmapAll();
        assertThat(all.ranges()).hasSize(65_536);
        all.finish();
        assertThat(table.size()).isZero();
        assertThat(table.regions()).isEmpty();
    }

    /// A search that goes from region to region would take a thousand times as long.
    @Test
    void lookUpStaysFlatUpToSixtyFiveThousandRegions() {
        long few = nanosOfLookUps(64);
        long many = nanosOfLookUps(65_536);
        assertThat(many).isLessThan(100 * few);
    }

    private static long nanosOfLookUps(int regions) {
        try (DmaTable table = Maps.table()) {
            for (long i = 0; i < regions; i++) {
                mapMessages(table, i * 2 * PAGE, PAGE, RW);
            }
            long best = Long.MAX_VALUE;
            for (int repetition = 0; repetition < 5; repetition++) {
                var random = new Random(repetition);
                long start = System.nanoTime();
                for (int i = 0; i < 20_000; i++) {
                    long iova = random.nextInt(regions) * 2L * PAGE;
                    if (table.find(iova) == null) {
                        throw new AssertionError(iova);
                    }
                }
                best = Math.min(best, System.nanoTime() - start);
            }
            return best;
        }
    }

    @Test
    void closedTableTakesNothing() {
        mapMessages(table, 0, PAGE, RW);
        table.close();
        table.close();
        assertThat(table.size()).isZero();
        assertThat(table.regions()).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> mapMessages(table, 0, PAGE, RW));
    }

    private List<Long> order() {
        return table.regions().stream().map(DmaRegion::iova).toList();
    }
}
