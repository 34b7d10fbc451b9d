package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.Dialect;
import java.time.Duration;
import java.util.Objects;

/// How a server is examined.
///
/// @param timeout how long the server may take for one reply, or to close a connection; 2 s by
///   default
/// @param seed where the random sequences start; the same seed gives the same messages
/// @param dialect what the server speaks; that of today by default
public record ConformanceOptions(Duration timeout, long seed, Dialect dialect) {
    private static final long DEFAULT_SEED = 0x5eed;

    /// Checks the timeout.
    public ConformanceOptions {
        Objects.requireNonNull(dialect, "dialect");
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: above zero)");
        }
    }

    /// The defaults that the parameters name, and a fixed seed.
    public static ConformanceOptions defaults() {
        return new ConformanceOptions(Duration.ofSeconds(2), DEFAULT_SEED, Dialect.CURRENT);
    }

    /// The same with another [#timeout()].
    public ConformanceOptions withTimeout(Duration limit) {
        return new ConformanceOptions(limit, seed, dialect);
    }

    /// The same with another [#seed()].
    public ConformanceOptions withSeed(long start) {
        return new ConformanceOptions(timeout, start, dialect);
    }

    /// The same for a server that speaks another dialect.
    public ConformanceOptions withDialect(Dialect spoken) {
        return new ConformanceOptions(timeout, seed, spoken);
    }
}
