package io.vfiouser.server.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The log against sets of page numbers, and each bit of a report against its definition. Addresses
/// of the model count from a base, so that it needs no unsigned numbers.
class DirtyLogModelTest {
    private static final long SPAN = 1 << 26;

    /// A region as the model knows it.
    private record Region(long start, long length, TreeSet<Long> pages) {
        long end() {
            return start + length;
        }

        boolean overlaps(long from, long to) {
            return from < end() && start < to;
        }

        /// Whether a dirty page of `size` bytes has any byte from `from` to before `to`.
        boolean dirty(long from, long to, long size) {
            long first = Math.max(from, start) - start;
            long last = Math.min(to, end()) - 1 - start;
            Long page = first > last ? null : pages.ceiling(first / size);
            return page != null && page <= last / size;
        }

        void reported(long from, long to, long size) {
            pages.removeIf(page -> {
                long pageStart = start + page * size;
                return pageStart >= from && Math.min(pageStart + size, end()) <= to;
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 12",
        "2, 0x100000000, 12",
        "3, 0x7ffffffffe000000, 12",
        "4, 0xfffffffffc000000, 12",
        "5, 0xfffffffffc000000, 16",
        "6, 0x100000000, 21",
        "7, 0x100000000, 25",
    })
    void agreesWithTheModel(long seed, String base, int pageShift) {
        var log = new DirtyLog(1 << 20);
        try (var table = new DmaTable(1 << 16, 1L << 44, log)) {
            var run = new Run(new Random(seed), unsigned(base), 1L << pageShift, log, table);
            log.start(1L << pageShift, List.of());
            for (int step = 0; step < 3_000; step++) {
                run.step("seed %d, step %d".formatted(seed, step), true);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void losesNoPageWhenItsMemoryIsUsedUp(long seed) {
        var log = new DirtyLog(1 << 20, 2);
        try (var table = new DmaTable(1 << 16, 1L << 44, log)) {
            var run = new Run(new Random(seed), 0x1_0000_0000L, 4096, log, table);
            log.start(4096, List.of());
            for (int step = 0; step < 2_000; step++) {
                run.step("seed %d, step %d".formatted(seed, step), false);
            }
            assertThat(run.wholeRegions).as("regions dirty as a whole").isPositive();
        }
    }

    private static long unsigned(String text) {
        return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : 0;
    }

    private static final class Run {
        private final Random random;
        private final long base;
        private final long pageSize;
        private final DirtyLog log;
        private final DmaTable table;
        private final List<Region> model = new ArrayList<>();
        private int wholeRegions;

        Run(Random random, long base, long pageSize, DirtyLog log, DmaTable table) {
            this.random = random;
            this.base = base;
            this.pageSize = pageSize;
            this.log = log;
            this.table = table;
        }

        void step(String what, boolean exact) {
            switch (random.nextInt(8)) {
                case 0 -> map();
                case 1 -> unmap();
                case 2, 3, 4 -> write();
                default -> report(what, exact);
            }
        }

        private void map() {
            long start = place(SPAN);
            long length = 1 + place(Math.min(SPAN - start, 1L << (12 + random.nextInt(14))));
            boolean free = model.stream().noneMatch(r -> r.overlaps(start, start + length));
            if (free && start + length <= SPAN && model.size() < 12) {
                Maps.mapMessages(table, base + start, length, Maps.RW);
                model.add(new Region(start, length, new TreeSet<>()));
            }
        }

        private void unmap() {
            if (model.size() > 8) {
                Region gone = model.remove(random.nextInt(model.size()));
                Maps.unmap(table, base + gone.start, gone.length);
            }
        }

        private void write() {
            if (model.isEmpty()) {
                return;
            }
            Region region = model.get(random.nextInt(model.size()));
            long offset = random.nextLong(region.length);
            long length = 1 + random.nextLong(Math.min(region.length - offset, 1L << 18));
            DmaRegion known = table.region(base + region.start).orElseThrow();
            log.written(known, base + region.start + offset, length);
            for (long page = offset / pageSize; page <= (offset + length - 1) / pageSize; page++) {
                region.pages.add(page);
            }
            DirtyPages pages = known.dirtyPages();
            wholeRegions += pages != null && pages.isWhole() ? 1 : 0;
        }

        private void report(String what, boolean exact) {
            int shift = 9 + random.nextInt(16);
            long start = place(SPAN);
            long most = Math.min(SPAN - start, 1L << Math.min(26, shift + 11));
            long length = 1 + random.nextLong(most);
            if (random.nextInt(3) == 0 && !model.isEmpty()) {
                Region region = model.get(random.nextInt(model.size()));
                start = region.start;
                length = Math.min(region.length, 1L << (shift + 11));
            }
            long end = start + length;
            if (model.stream().noneMatch(new Overlap(start, end)::with)) {
                return;
            }
            BitSet expected = expected(start, end, 1L << shift);
            BitSet actual = bits(new DirtyRange(base + start, length, 1L << shift));
            String claim = "%s: 0x%x+0x%x by 0x%x".formatted(what, start, length, 1L << shift);
            if (exact) {
                assertThat(actual).as(claim).isEqualTo(expected);
            } else {
                expected.andNot(actual);
                assertThat(expected).as("%s: lost", claim).isEqualTo(new BitSet());
            }
            for (Region region : model) {
                region.reported(start, end, pageSize);
            }
        }

        private BitSet expected(long start, long end, long reportSize) {
            var bits = new BitSet();
            int bit = 0;
            for (long from = start; from < end; from += reportSize, bit++) {
                long to = Math.min(end, from + reportSize);
                for (Region region : model) {
                    if (region.dirty(from, to, pageSize)) {
                        bits.set(bit);
                    }
                }
            }
            return bits;
        }

        private BitSet bits(DirtyRange range) {
            byte[] bitmap = log.report(table, range);
            assertThat((long) bitmap.length).isEqualTo(range.bitmapSize());
            return BitSet.valueOf(bitmap);
        }

        /// Mostly on a page, sometimes anywhere.
        private long place(long limit) {
            long at = random.nextLong(limit);
            return random.nextInt(4) == 0 ? at : at & -4096L;
        }
    }

    private record Overlap(long from, long to) {
        boolean with(Region region) {
            return region.overlaps(from, to);
        }
    }
}
