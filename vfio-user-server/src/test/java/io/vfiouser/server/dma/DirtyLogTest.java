package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.assertRefused;
import static io.vfiouser.server.dma.Maps.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.Feature.DmaLoggingStart;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirtyLogTest {
    private static final long BASE = 0x10_0000;

    private final DirtyLog log = new DirtyLog(1 << 20);
    private final DmaTable table = new DmaTable(1 << 16, 1L << 44, log);
    private final SharedMemory memory = SharedMemory.create("guest", 1 << 20);
    private final GuestMemoryView view = new GuestMemoryView(table, FakePeer.answeringAtOnce());

    @AfterEach
    void release() {
        table.close();
        memory.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 4096",
        "512, 4096",
        "4096, 4096",
        "8192, 8192",
        "2097152, 2097152",
        "0x4000000000000000, 0x4000000000000000",
    })
    void logsPagesOfTheSizeThatIsAskedForButNotBelow4096(String asked, String logged) {
        assertThat(log.start(Long.decode(asked), List.of())).isEqualTo(Long.decode(logged));
        assertThat(log.isOn()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 4097, 12288, -1})
    void refusesAPageSizeThatIsNoPowerOfTwo(long pageSize) {
        assertRejected(Errno.EINVAL, () -> log.start(pageSize, List.of()));
        assertThat(log.isOn()).isFalse();
        assertRejected(Errno.EINVAL, () -> new DirtyRange(BASE, 4096, pageSize));
    }

    @Test
    void refusesRangesThatWrap() {
        var wraps = new DmaLoggingStart.Range(-4096, 8192);

        assertRejected(Errno.EINVAL, () -> log.start(4096, List.of(wraps)));
        assertRejected(Errno.EINVAL, () -> new DirtyRange(-4096, 8192, 4096));
        assertRejected(Errno.EINVAL, () -> new DirtyRange(BASE, 0, 4096));
        assertThat(log.isOn()).isFalse();
    }

    @Test
    void startingAgainKeepsWhatIsKnown() {
        DmaRegion region = map(BASE, 0x4000);
        log.start(512, List.of());
        log.written(region, BASE + 0x1000, 1);

        assertThat(log.start(4096, List.of())).isEqualTo(4096);
        assertRejected(Errno.EINVAL, () -> log.start(8192, List.of()));

        assertThat(report(BASE, 0x4000, 4096)).containsExactly(1);
    }

    @Test
    void isOffAtFirstAndLogsNothing() {
        DmaRegion region = map(BASE, 0x4000);
        log.written(region, BASE, 0x4000);

        assertRejected(Errno.EINVAL, () -> report(BASE, 0x4000, 4096));
        log.start(4096, List.of());

        assertThat(report(BASE, 0x4000, 4096)).isEmpty();
        assertThat(region.dirtyPages()).isNull();
    }

    @Test
    void stoppingForgetsEverything() {
        log.stop(table);
        DmaRegion region = map(BASE, 0x4000);
        log.start(4096, List.of());
        log.written(region, BASE, 0x4000);

        log.stop(table);

        assertThat(region.dirtyPages()).isNull();
        assertRejected(Errno.EINVAL, () -> report(BASE, 0x4000, 4096));
        assertThat(log.start(8192, List.of())).isEqualTo(8192);
        assertThat(report(BASE, 0x4000, 8192)).isEmpty();
    }

    @Test
    void reportingMakesPagesClean() {
        DmaRegion region = map(BASE, 0x8000);
        log.start(4096, List.of());
        log.written(region, BASE + 0x1fff, 2);
        log.written(region, BASE + 0x7000, 1);

        assertThat(report(BASE, 0x4000, 4096)).containsExactly(1, 2);
        assertThat(report(BASE, 0x8000, 4096)).as("the rest").containsExactly(7);
        assertThat(report(BASE, 0x8000, 4096)).isEmpty();
    }

    @Test
    void logsWritesOfAnyLength() {
        long length = 200 << 20;
        DmaRegion region = map(BASE << 8, length);
        log.start(4096, List.of());
        log.written(region, region.iova() + 0x1ff_f000, 0x2000);
        assertThat(report(region.iova(), length, 4096)).containsExactly(0x1fff, 0x2000);

        log.written(region, region.iova() + 0x1000, length - 0x2000);
        var expected = new BitSet();
        expected.set(1, (int) (length >>> 12) - 1);

        assertThat(BitSet.valueOf(bitmap(region.iova(), length, 4096))).isEqualTo(expected);
        assertThat(report(region.iova(), length, 4096)).isEmpty();
    }

    @Test
    void logsRegionsThatAreMappedLaterAndOutsideOfTheRanges() {
        log.start(4096, List.of(new DmaLoggingStart.Range(0, 4096)));
        DmaRegion region = map(BASE, 0x4000);
        log.written(region, BASE + 0x3000, 1);

        assertThat(report(BASE, 0x4000, 4096)).containsExactly(3);
    }

    @Test
    void aRegionThatIsMappedAgainIsClean() {
        DmaRegion region = map(BASE, 0x4000);
        log.start(4096, List.of());
        log.written(region, BASE, 0x4000);
        Maps.unmap(table, BASE, 0x4000);
        map(BASE, 0x4000);

        assertThat(report(BASE, 0x4000, 4096)).isEmpty();
        assertThat(region.dirtyPages()).isNull();
    }

    @Test
    void reportsOverRegionsAndHoles() {
        DmaRegion first = map(BASE, 0x2000);
        DmaRegion second = map(BASE + 0x4000, 0x2000);
        DmaRegion third = map(BASE + 0x6000, 0x1000);
        log.start(4096, List.of());
        for (DmaRegion region : List.of(first, second, third)) {
            log.written(region, region.iova(), region.length());
        }

        assertThat(report(BASE + 0x1000, 0x9000, 4096)).containsExactly(0, 3, 4, 5);
        assertThat(report(BASE, 0x8000, 4096)).as("what was left").containsExactly(0);
    }

    @Test
    void refusesARangeInNoRegion() {
        map(BASE, 0x2000);
        log.start(4096, List.of());

        assertRejected(Errno.ENOENT, () -> report(BASE + 0x2000, 0x1000, 4096));
        assertRejected(Errno.ENOENT, () -> report(0, BASE, 4096));
        assertThat(report(BASE + 0x1fff, 1, 1)).isEmpty();
    }

    @Test
    void refusesABitmapAboveTheLimit() {
        map(0, 1L << 40);
        log.start(4096, List.of());

        assertThat(log.check(table, new DirtyRange(0, 1L << 35, 4096))).isEqualTo(1 << 20);
        assertThatThrownBy(() -> log.check(table, new DirtyRange(0, (1L << 35) + 1, 4096)))
                .hasMessage(
                        "bitmap: 1048584 bytes (expected: at most 1048576, by maxBitmapSize or"
                                + " max_bitmap_size)");
        assertRejected(Errno.EINVAL, () -> log.check(table, new DirtyRange(0, -1, 1)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 8",
        "4096, 4096, 8",
        "4097, 4096, 8",
        "262144, 4096, 8",
        "262145, 4096, 16",
        "1048576, 2097152, 8",
        "-1, 0x8000000000000000, 8",
        "-1, 1, 0x2000000000000000",
    })
    void sizesABitmapByWholeWords(long length, String pageSize, String size) {
        assertThat(new DirtyRange(0, length, pageOf(pageSize)).bitmapSize())
                .isEqualTo(Long.decode(size));
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 10, 12, 13, 16, 21, 22})
    void reportsFinerAndCoarserPages(int shift) {
        DmaRegion region = map(BASE << 4, 64 << 20);
        log.start(1 << 16, List.of());
        log.written(region, region.iova() + (5 << 20) + 17, 100);

        long reported = 1L << shift;
        int first = (int) ((5 << 20) / reported);
        int count = (int) Math.max(1, (1 << 16) / reported);
        BitSet expected = new BitSet();
        expected.set(first, first + count);

        assertThat(BitSet.valueOf(bitmap(region.iova(), region.length(), reported)))
                .isEqualTo(expected);
    }

    @Test
    void reportsAPageOf2MiBAs4096PagesOf512Bytes() {
        DmaRegion region = map(BASE << 4, 4 << 20);
        log.start(2 << 20, List.of());
        log.written(region, region.iova() + (3 << 20), 1);

        BitSet bits = BitSet.valueOf(bitmap(region.iova(), region.length(), 512));

        assertThat(bits.cardinality()).isEqualTo(4096);
        assertThat(bits.nextSetBit(0)).isEqualTo(4096);
    }

    @Test
    void aLogPageThatIsOnlyPartlyReportedStaysDirty() {
        DmaRegion region = map(BASE << 4, 4 << 20);
        log.start(2 << 20, List.of());
        log.written(region, region.iova(), 1);

        assertThat(report(region.iova() + 0x1000, 0x2000, 4096)).containsExactly(0, 1);
        assertThat(report(region.iova(), 2 << 20, 2 << 20)).containsExactly(0);
        assertThat(report(region.iova(), 2 << 20, 2 << 20)).isEmpty();
    }

    @Test
    void reportsTheEndOfTheAddressSpace() {
        DmaRegion region = map(-0x3000, 0x3000);
        log.start(4096, List.of());
        log.written(region, -1, 1);

        assertThat(report(-0x4000, 0x4000, 4096)).containsExactly(3);
        assertThat(report(-0x4000, 0x4000, 4096)).isEmpty();
    }

    @Test
    void whatWasReportedOrForgottenNeedsNoMemory() {
        var small = new DirtyLog(1 << 20, 1);
        DmaRegion first = map(BASE, 0x2000);
        DmaRegion second = map(BASE + 0x2000, 0x2000);
        small.start(4096, List.of());
        small.written(first, BASE, 1);
        small.written(second, BASE + 0x2000, 1);
        assertThat(second.dirtyPages()).matches(DirtyPages::isWhole);

        for (int i = 0; i < 3; i++) {
            small.report(table, new DirtyRange(BASE, 0x4000, 4096));
            small.written(second, BASE + 0x2000, 1);
            assertThat(second.dirtyPages()).matches(pages -> !pages.isWhole());
            small.stop(table);
            small.start(4096, List.of());
            small.written(first, BASE, 1);
            assertThat(first.dirtyPages()).matches(pages -> !pages.isWhole());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfALeaseForWritingMarksItsPages(AccessMode mode) {
        share(BASE, 0x8000);
        share(BASE + 0x8000, 0x8000);
        log.start(4096, List.of());

        try (Lease lease = view.lease(BASE + 0x6fff, 0x1002, mode)) {
            assertThat(lease.count()).isEqualTo(2);
            assertThat(report(BASE, 0x1_0000, 4096)).as("while it is open").isEmpty();
        }

        if (mode.writes()) {
            assertThat(report(BASE, 0x1_0000, 4096)).containsExactly(6, 7, 8);
        } else {
            assertThat(report(BASE, 0x1_0000, 4096)).isEmpty();
        }
    }

    @Test
    void copiesMarkWhatTheyWriteUnlessTheClientWritesIt() {
        share(BASE, 0x4000);
        try (var fds = FdBundle.of(memory.duplicate())) {
            table.map(new DmaMap(Maps.FILE_IO, 0, BASE + 0x4000, 0x4000), fds);
        }
        Maps.mapMessages(table, BASE + 0x8000, 0x4000, Maps.RW);
        log.start(4096, List.of());

        view.write(BASE + 0x2800, MemorySegment.ofArray(new byte[0x7000]));

        assertThat(report(BASE, 0xc000, 4096)).containsExactly(2, 3, 4, 5, 6, 7);
        view.writeByMessage(BASE, MemorySegment.ofArray(new byte[0x8000]));
        view.read(BASE, MemorySegment.ofArray(new byte[0x8000]));
        assertThat(report(BASE, 0xc000, 4096)).isEmpty();
    }

    @Test
    void aDeviceMarksWhatItWritesThroughALongLease() {
        share(BASE, 0x8000);
        share(BASE + 0x8000, 0x8000);
        log.start(4096, List.of());

        view.markDirty(BASE + 0x7fff, 2);

        assertThat(report(BASE, 0x1_0000, 4096)).containsExactly(7, 8);
    }

    @Test
    void refusesToMarkWhatADeviceMayNotWrite() {
        share(BASE, 0x4000);
        Maps.mapMessages(table, BASE + 0x4000, 0x1000, DmaFlags.READ_ONLY);
        log.start(4096, List.of());

        assertRefused(Errno.EACCES, () -> view.markDirty(BASE + 0x3fff, 2));
        assertRefused(Errno.ENOENT, () -> view.markDirty(BASE - 1, 2));
        assertRefused(Errno.ENOENT, () -> view.markDirty(-1, 2));
        assertThat(report(BASE, 0x4000, 4096)).isEmpty();
        table.close();
        assertRefused(Errno.ENOTCONN, () -> view.markDirty(BASE, 1));
    }

    private DmaRegion map(long iova, long length) {
        Maps.mapMessages(table, iova, length, Maps.RW);
        return table.region(iova).orElseThrow();
    }

    private void share(long iova, long length) {
        assertThat(Maps.map(table, memory, 0, iova, length, Maps.RW)).isTrue();
    }

    private List<Integer> report(long iova, long length, long pageSize) {
        return BitSet.valueOf(bitmap(iova, length, pageSize)).stream().boxed().toList();
    }

    private byte[] bitmap(long iova, long length, long pageSize) {
        return log.report(table, new DirtyRange(iova, length, pageSize));
    }

    private static long pageOf(String text) {
        return text.startsWith("0x")
                ? Long.parseUnsignedLong(text.substring(2), 16)
                : Long.parseLong(text);
    }
}
