package io.vfiouser.benchmarks;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
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

/// What a register map costs an access: the look-up by offset, the register's lambda, the store.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RegisterBlockBenchmark {
    private final MemorySegment window = NativeMemory.allocate(4);
    private final RegisterBlock block =
            RegisterBlock.builder()
                    .readWrite(0x0, 4, "CTRL", this::control, this::control)
                    .readOnly(0x4, 4, "STATUS", () -> 0x5a)
                    .readWrite(0x40, 8, "BASE", this::control, this::control)
                    .build();
    private long control;

    /// Reads one 4-byte register.
    @Benchmark
    public Completion readRegister() {
        return block.read(0x4, window);
    }

    /// Writes one 4-byte register.
    @Benchmark
    public Completion writeRegister() {
        return block.write(0x0, window);
    }

    private long control() {
        return control;
    }

    private void control(long value) {
        control = value;
    }
}
