package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Which CPUs a thread may run on.
public final class CpuAffinity {
    /// CPUs that can be named: 0 to one less.
    public static final int MAX_CPUS = 8192;

    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    private CpuAffinity() {}

    /// The CPUs that the calling thread may run on, as in `0-3,8`; empty if the kernel does not
    /// say.
    public static Optional<String> allowed() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(ALLOWED))
                    .map(line -> line.substring(ALLOWED.length()).strip())
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /// Keeps the calling thread on one CPU from now on. Threads that it starts inherit that.
    ///
    /// @param cpu as Linux numbers them, 0 to 8191
    /// @throws IllegalArgumentException if there cannot be such a CPU
    /// @throws NativeCallException with EINVAL if there is none, or if the process may not use it
    public static void pinCurrentThread(int cpu) {
        if (cpu < 0 || cpu >= MAX_CPUS) {
            throw new IllegalArgumentException(
                    "cpu: " + cpu + " (expected: 0 to " + (MAX_CPUS - 1) + ")");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            mask.set(JAVA_LONG, (long) (cpu / Long.SIZE) * Long.BYTES, 1L << cpu % Long.SIZE);
            int result =
                    ThreadCalls.schedSetaffinity(
                            CallState.current(), mask.byteSize(), mask.address());
            if (result < 0) {
                throw Descriptors.failure("sched_setaffinity", result, "cpu=" + cpu);
            }
        }
    }
}
