package io.vfiouser.cli.bench;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/// The processor time of a process, as `/proc` has it: user and system, all threads.
final class CpuTime {
    private final Optional<ProcessHandle> process;
    private Optional<Duration> before = Optional.empty();

    /// @param pid of any process; 0 for one that cannot be seen from here
    CpuTime(long pid) {
        this.process = pid == 0 ? Optional.empty() : ProcessHandle.of(pid);
    }

    void begin() {
        before = total();
    }

    /// How many cores it kept busy since [#begin()]; empty if the process cannot be asked.
    OptionalDouble cores(Duration elapsed) {
        Optional<Duration> after = total();
        if (before.isEmpty() || after.isEmpty()) {
            return OptionalDouble.empty();
        }
        double used = after.get().minus(before.get()).toNanos();
        return OptionalDouble.of(used / elapsed.toNanos());
    }

    private Optional<Duration> total() {
        return process.flatMap(handle -> handle.info().totalCpuDuration());
    }
}
