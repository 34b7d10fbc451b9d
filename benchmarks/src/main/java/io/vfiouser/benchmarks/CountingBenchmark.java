package io.vfiouser.benchmarks;

import io.vfiouser.protocol.Command;
import io.vfiouser.server.stats.AccessCounters;
import io.vfiouser.server.stats.DeviceCounters;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the counters and histograms of a device cost a register access. A session counts each and
/// times one in 16 or so; an access with its two system calls takes some thousand times as long.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CountingBenchmark {
    private static final int REGION = 2;
    private static final int BYTES = 4;

    private final int read = Command.REGION_READ.id();
    private final AccessCounters accesses = new AccessCounters(9);
    private final DeviceCounters counters =
            new DeviceCounters(accesses, read, Command.REGION_WRITE.id());

    /// An access that is counted only.
    @Benchmark
    public void count() {
        counters.command(read);
        accesses.read(REGION, BYTES);
    }

    /// An access that is counted and timed.
    @Benchmark
    public void countAndTime() {
        counters.command(read);
        counters.expectTime();
        long began = System.nanoTime();
        accesses.read(REGION, BYTES);
        counters.took(read, System.nanoTime() - began);
    }
}
