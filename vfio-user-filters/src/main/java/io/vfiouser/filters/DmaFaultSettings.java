package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of the `dma-fault` filter.
///
/// @param read which of the device's reads of client memory fail, and how
/// @param write which of its writes fail, and how; also what it leases for reading and writing
/// @param seed the same seed makes the same ones fail
/// @param trigger faults happen only while this file exists; `/` for always
public record DmaFaultSettings(
        @Setting("which reads fail, and how") ErrorRule read,
        @Setting("which writes fail, and how") ErrorRule write,
        @Setting("the same seed makes the same ones fail") long seed,
        @Setting("only while this file exists; / is always there") Path trigger) {
    /// Nothing fails.
    public static final DmaFaultSettings NONE =
            new DmaFaultSettings(ErrorRule.NONE, ErrorRule.NONE, 0, Path.of("/"));

    /// Checks that all are there.
    public DmaFaultSettings {
        Objects.requireNonNull(read, "read");
        Objects.requireNonNull(write, "write");
        Objects.requireNonNull(trigger, "trigger");
    }

    /// The same rule for reads and writes.
    public static DmaFaultSettings of(ErrorRule rule) {
        return new DmaFaultSettings(rule, rule, 0, Path.of("/"));
    }
}
