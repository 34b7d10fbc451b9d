package io.vfiouser.benchmarks;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.server.dma.DirtySink;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.GuestMemoryView;
import io.vfiouser.server.dma.PeerMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What client memory costs a device: finding the region of an address, lending it, copying it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GuestMemoryBenchmark {
    private static final int PAGE = 4096;
    private static final long STRIDE = 2 * PAGE;

    /// How many regions the client has mapped.
    @Param({"1", "16", "4096"})
    public int regions;

    private final SharedMemory memory = SharedMemory.create("benchmark", PAGE);
    private final DmaTable table = new DmaTable(1 << 16, Long.MAX_VALUE, DirtySink.NONE);
    private final GuestMemoryView guest = new GuestMemoryView(table, new NoMessages());
    private final MemorySegment page = NativeMemory.allocate(PAGE);
    private long random = 88172645463325252L;

    /// Maps them, with a hole after each.
    @Setup
    public void map() {
        for (int i = 0; i < regions; i++) {
            try (var descriptors = FdBundle.of(memory.duplicate())) {
                table.map(new DmaMap(DmaFlags.READ_WRITE, 0, i * STRIDE, PAGE), descriptors);
            }
        }
    }

    /// Unmaps them.
    @TearDown
    public void unmap() {
        table.close();
        memory.close();
    }

    /// Finds the region of a random address.
    @Benchmark
    public Object lookUp() {
        return table.region(address());
    }

    /// Lends 64 bytes and takes them back.
    @Benchmark
    public long lease() {
        try (Lease lease = guest.lease(address(), 64, AccessMode.READ)) {
            return lease.length();
        }
    }

    /// Copies a page.
    @Benchmark
    public Completion copyPage() {
        return guest.read(address(), page);
    }

    private long address() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return Long.remainderUnsigned(random, regions) * STRIDE;
    }

    /// Everything is mapped, so nothing goes by message.
    private static final class NoMessages implements PeerMemory {
        @Override
        public Completion read(long iova, MemorySegment into) {
            throw new AssertionError(iova);
        }

        @Override
        public Completion write(long iova, MemorySegment from) {
            throw new AssertionError(iova);
        }
    }
}
