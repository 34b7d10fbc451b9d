package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RW;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.os.SharedMemory;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Prints what look-up, lease, map and unmap cost at different numbers of regions. Not a test: the
/// numbers mean something only on a machine that has nothing else to do.
final class LookUpTiming {
    private static final int LOOK_UPS = 100_000;
    private static final int MAPPED = 4096;
    private static final int REPETITIONS = 50;
    private static final long BASE = 1L << 32;
    private static final long STRIDE = 2 * PAGE;

    private long sink;

    private LookUpTiming() {}

    /// Prints one line for each number of regions; the best of several repetitions, in nanoseconds.
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        var timing = new LookUpTiming();
        out.println("regions  look-up  lease+close  map/unmap, messages (upwards, shuffled)");
        for (int warmUp = 0; warmUp < 2; warmUp++) {
            for (int regions : new int[] {16, 256, 4096, 65_536}) {
                out.println(timing.line(regions));
            }
        }
        out.println("map and unmap of a 4 KiB page of one memfd, 4096 regions: " + mapped());
        out.println("(" + timing.sink + ")");
    }

    private String line(int regions) {
        List<Long> addresses = addresses(regions);
        String upwards = mapAndUnmap(addresses);
        Collections.shuffle(addresses, new Random(1));
        String shuffled = mapAndUnmap(addresses);
        return "%7d  %7.1f  %11.1f  %s  %s"
                .formatted(regions, lookUp(regions), lease(regions), upwards, shuffled);
    }

    /// As the look-up workload of a DMA engine: random regions, one 8-byte address in each.
    private double lookUp(int regions) {
        try (var table = Maps.table();
                var memory = SharedMemory.create("timing", PAGE)) {
            var view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
            for (int i = 0; i < regions; i++) {
                if (i < MAPPED) {
                    Maps.map(table, memory, 0, BASE + i * STRIDE, PAGE, RW);
                } else {
                    Maps.mapMessages(table, BASE + i * STRIDE, PAGE, RW);
                }
            }
            double best = Double.MAX_VALUE;
            for (int i = 0; i < REPETITIONS; i++) {
                best = Math.min(best, lookUpOnce(view, regions));
            }
            return best;
        }
    }

    private double lookUpOnce(GuestMemoryView view, int regions) {
        long x = 88_172_645_463_325_252L;
        long found = 0;
        long start = System.nanoTime();
        for (int i = 0; i < LOOK_UPS; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
            long address = BASE + STRIDE * Long.remainderUnsigned(x, regions);
            found += view.isDirect(address, 8, AccessMode.READ) ? 1 : 0;
        }
        double nanos = (System.nanoTime() - start) / (double) LOOK_UPS;
        sink += found;
        return nanos;
    }

    private double lease(int regions) {
        int mapped = Math.min(regions, MAPPED);
        try (var table = Maps.table();
                var memory = SharedMemory.create("timing", mapped * PAGE)) {
            var view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
            for (int i = 0; i < mapped; i++) {
                Maps.map(table, memory, i * PAGE, BASE + i * STRIDE, PAGE, RW);
            }
            double best = Double.MAX_VALUE;
            for (int i = 0; i < REPETITIONS; i++) {
                long start = System.nanoTime();
                for (int j = 0; j < LOOK_UPS; j++) {
                    long address = BASE + STRIDE * (j % 8 % mapped);
                    try (var lease = view.lease(address, 64, AccessMode.READ)) {
                        sink += lease.segment(0).byteSize();
                    }
                }
                best = Math.min(best, (System.nanoTime() - start) / (double) LOOK_UPS);
            }
            return best;
        }
    }

    private static String mapAndUnmap(List<Long> addresses) {
        double map = Double.MAX_VALUE;
        double unmap = Double.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            try (var table = Maps.table()) {
                long start = System.nanoTime();
                for (long address : addresses) {
                    Maps.mapMessages(table, address, PAGE, RW);
                }
                long middle = System.nanoTime();
                for (long address : addresses) {
                    Maps.unmap(table, address, PAGE);
                }
                map = Math.min(map, (middle - start) / (double) addresses.size());
                unmap = Math.min(unmap, (System.nanoTime() - middle) / (double) addresses.size());
            }
        }
        return "%6.0f/%-6.0f".formatted(map, unmap);
    }

    private static String mapped() {
        double map = Double.MAX_VALUE;
        double unmap = Double.MAX_VALUE;
        try (var table = Maps.table();
                var memory = SharedMemory.create("timing", 4096 * PAGE)) {
            for (int i = 0; i < REPETITIONS; i++) {
                long start = System.nanoTime();
                for (int j = 0; j < 4096; j++) {
                    Maps.map(table, memory, j * PAGE, BASE + j * STRIDE, PAGE, RW);
                }
                long middle = System.nanoTime();
                for (int j = 0; j < 4096; j++) {
                    Maps.unmap(table, BASE + j * STRIDE, PAGE);
                }
                map = Math.min(map, (middle - start) / 4096.0);
                unmap = Math.min(unmap, (System.nanoTime() - middle) / 4096.0);
            }
        }
        return "%.0f/%.0f".formatted(map, unmap);
    }

    private static List<Long> addresses(int regions) {
        var addresses = new ArrayList<Long>();
        for (int i = 0; i < regions; i++) {
            addresses.add(BASE + i * STRIDE);
        }
        return addresses;
    }
}
