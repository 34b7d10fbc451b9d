package io.vfiouser.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// What this process has mapped, as `/proc/self/maps` tells.
///
/// @param memory mappings of memfds: client memory, mappable regions, tombstones
/// @param all mappings of every kind
public record ProcessMappings(long memory, long all) {
    /// Collections that it may take until nothing refers to a mapping that was closed.
    private static final int MAX_COLLECTIONS = 200;

    private static final long PAUSE_NANOS = 1_000_000;

    /// Collections without a change after which none is expected.
    private static final int SETTLED = 5;

    /// The state now.
    public static ProcessMappings count() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/maps"));
            long memory = lines.stream().filter(line -> line.contains("/memfd:")).count();
            return new ProcessMappings(memory, lines.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Collects garbage, which gives back closed mappings, until that changes nothing any more.
    public static ProcessMappings countWhenSettled() {
        ProcessMappings last = count();
        int same = 0;
        while (same < SETTLED) {
            System.gc();
            ProcessMappings now = count();
            same = now.memory < last.memory ? 0 : same + 1;
            last = now;
        }
        return last;
    }

    /// Collects garbage until at most `limit` mappings of memory are left.
    ///
    /// @return the state then, or after as many collections as make sense
    public static ProcessMappings countAfterCollecting(long limit) {
        ProcessMappings now = count();
        for (int i = 0; now.memory > limit && i < MAX_COLLECTIONS; i++) {
            System.gc();
            LockSupport.parkNanos(PAUSE_NANOS); // a thread of the JVM's unmaps them
            now = count();
        }
        return now;
    }
}
