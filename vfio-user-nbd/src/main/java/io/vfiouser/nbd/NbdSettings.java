package io.vfiouser.nbd;

import io.vfiouser.device.Setting;
import java.time.Duration;

/// The settings of the `nbd` backend.
///
/// @param uri where the export is: `nbd://host:port/export`, `nbd+unix:///export?socket=PATH`, or
///   `nbds` for TLS
/// @param connections how many connections, if the server allows several; 1 to 16
/// @param timeout how long a server may take to answer before its connection is given up
/// @param reconnect how long requests are kept and retried while there is no connection; after that
///   they end with a media error until there is one again
public record NbdSettings(
        @Setting("nbd://host:port/export or nbd+unix:///export?socket=PATH; nbds for TLS")
                String uri,
        @Setting("connections, if the server allows several; 1 to 16") int connections,
        @Setting("how long an answer may take before its connection is given up") Duration timeout,
        @Setting("how long requests are kept and retried without a connection")
                Duration reconnect) {
    private static final int MAX_CONNECTIONS = 16;

    /// Checks the numbers; the URI is checked when it is used.
    ///
    /// @throws IllegalArgumentException for one that is out of its range
    public NbdSettings {
        if (connections < 1 || connections > MAX_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "connections: %d (expected: 1 to %d)".formatted(connections, MAX_CONNECTIONS));
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: more than 0)");
        }
        if (reconnect.isNegative()) {
            throw new IllegalArgumentException(
                    "reconnect: " + reconnect + " (expected: 0 or more)");
        }
    }

    /// Four connections, 10 seconds for an answer, a minute without a connection.
    public static NbdSettings of(String uri) {
        return new NbdSettings(uri, 4, Duration.ofSeconds(10), Duration.ofMinutes(1));
    }

    /// The same with another number of connections.
    public NbdSettings withConnections(int count) {
        return new NbdSettings(uri, count, timeout, reconnect);
    }

    /// The same with other times.
    public NbdSettings withTimes(Duration timeout, Duration reconnect) {
        return new NbdSettings(uri, connections, timeout, reconnect);
    }
}
