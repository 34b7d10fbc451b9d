package io.vfiouser.testkit.conformance;

import java.time.Duration;

/// How a server is examined.
///
/// @param timeout how long the server may take for one reply, or to close a connection; 2 s by
///   default
/// @param seed where the random sequences start; the same seed gives the same messages
public record ConformanceOptions(Duration timeout, long seed) {
    private static final long DEFAULT_SEED = 0x5eed;

    /// Checks the timeout.
    public ConformanceOptions {
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: above zero)");
        }
    }

    /// The defaults that the parameters name, and a fixed seed.
    public static ConformanceOptions defaults() {
        return new ConformanceOptions(Duration.ofSeconds(2), DEFAULT_SEED);
    }

    /// The same with another [#timeout()].
    public ConformanceOptions withTimeout(Duration limit) {
        return new ConformanceOptions(limit, seed);
    }

    /// The same with another [#seed()].
    public ConformanceOptions withSeed(long start) {
        return new ConformanceOptions(timeout, start);
    }
}
