package io.vfiouser.testkit.hammer;

import io.vfiouser.protocol.DmaFlags;
import java.util.List;
import java.util.Random;

/// Memory that comes and goes.
final class MemoryBlows {
    private static final long PAGE = 4096;
    private static final int PAGES = (int) (Anvil.MEMORY / PAGE);

    private MemoryBlows() {}

    static List<Blow.Weighted> all() {
        return List.of(
                new Blow.Weighted("map", 10, MemoryBlows::map),
                new Blow.Weighted("map messages", 3, MemoryBlows::mapWithoutDescriptor),
                new Blow.Weighted("unmap", 8, MemoryBlows::unmap),
                new Blow.Weighted("unmap all", 1, MemoryBlows::unmapAll));
    }

    private static void map(Anvil anvil, Random random, Tally tally) {
        Range range = Range.any(random);
        var flags = new DmaFlags(random.nextInt(8) == 0 ? random.nextInt(16) : 3);
        tally.detail(range + ", flags 0x" + Integer.toHexString(flags.bits()));
        anvil.client().dmaMap(range.start, anvil.memory(), range.start, range.size, flags);
    }

    private static void mapWithoutDescriptor(Anvil anvil, Random random, Tally tally) {
        Range range = Range.any(random);
        tally.detail(range.toString());
        anvil.client()
                .dmaMapWithoutDescriptor(
                        range.start,
                        anvil.memory().segment().asSlice(range.start, range.size),
                        DmaFlags.READ_WRITE);
    }

    private static void unmap(Anvil anvil, Random random, Tally tally) {
        Range range = Range.any(random);
        tally.detail(range.toString());
        anvil.client().dmaUnmap(range.start, range.size);
    }

    private static void unmapAll(Anvil anvil, Random random, Tally tally) {
        anvil.client().dmaUnmapAll();
    }

    /// Few sizes and places, so that a range that is unmapped is often one that was mapped.
    private record Range(long start, long size) {
        static Range any(Random random) {
            int place = random.nextInt(PAGES / 16);
            int pages = 1 << (random.nextInt(8) == 0 ? random.nextInt(4) : place % 4);
            int start = place * 16;
            return new Range(start * PAGE, pages * PAGE);
        }

        @Override
        public String toString() {
            return "0x%x+0x%x".formatted(start, size);
        }
    }
}
