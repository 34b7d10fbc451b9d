package io.vfiouser.devices.block.filter;

import io.vfiouser.device.Setting;
import io.vfiouser.devices.block.BlockStatus;
import java.nio.file.Path;

/// The settings of the `error` filter.
///
/// @param errorRate the part of requests that end in an error, 0 to 1
/// @param errorStatus how they end
/// @param errorOn which requests
/// @param errorSeed makes the same requests fail each time
/// @param errorTrigger errors happen only while this file exists; `/` for always
public record ErrorSettings(
        @Setting("part of requests that end in an error, 0 to 1") double errorRate,
        @Setting("how they end") BlockStatus errorStatus,
        @Setting("which requests") Target errorOn,
        @Setting("the same seed makes the same requests fail") long errorSeed,
        @Setting("only while this file exists; / is always there") Path errorTrigger) {
    /// One request in a hundred, with I/O errors.
    public static final ErrorSettings DEFAULTS =
            new ErrorSettings(0.01, BlockStatus.IO_ERROR, Target.ALL, 0, Path.of("/"));

    /// Which requests an error may hit.
    public enum Target {
        /// All of them.
        ALL,
        /// Reads.
        READ,
        /// Everything that changes what is stored.
        WRITE,
        /// Flushes.
        FLUSH
    }

    /// Checks rate and status.
    ///
    /// @throws IllegalArgumentException for a rate beyond 0 to 1, or OK as the status
    public ErrorSettings {
        if (!(errorRate >= 0 && errorRate <= 1)) {
            throw new IllegalArgumentException("error-rate: " + errorRate + " (expected: 0 to 1)");
        }
        if (errorStatus.isOk()) {
            throw new IllegalArgumentException(
                    "error-status: " + errorStatus + " (expected: an error)");
        }
    }
}
