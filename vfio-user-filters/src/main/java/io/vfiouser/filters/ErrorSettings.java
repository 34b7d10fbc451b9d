package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of the `error` filter.
///
/// @param read which reads fail, and how
/// @param write which writes fail, and how
/// @param at which accesses count
/// @param seed the same seed makes the same accesses fail
/// @param trigger errors happen only while this file exists; `/` for always
public record ErrorSettings(
        @Setting("which reads fail, and how") ErrorRule read,
        @Setting("which writes fail, and how") ErrorRule write,
        @Setting("which accesses") Target at,
        @Setting("the same seed makes the same accesses fail") long seed,
        @Setting("only while this file exists; / is always there") Path trigger) {
    /// Nothing fails.
    public static final ErrorSettings NONE =
            new ErrorSettings(ErrorRule.NONE, ErrorRule.NONE, Target.ALL, 0, Path.of("/"));

    /// Checks that all are there.
    public ErrorSettings {
        Objects.requireNonNull(read, "read");
        Objects.requireNonNull(write, "write");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(trigger, "trigger");
    }

    /// Some reads fail, anywhere but in config space.
    public static ErrorSettings ofReads(ErrorRule rule) {
        return NONE.withRead(rule);
    }

    /// Some writes fail, anywhere but in config space.
    public static ErrorSettings ofWrites(ErrorRule rule) {
        return NONE.withWrite(rule);
    }

    /// The same with another rule for reads.
    public ErrorSettings withRead(ErrorRule rule) {
        return new ErrorSettings(rule, write, at, seed, trigger);
    }

    /// The same with another rule for writes.
    public ErrorSettings withWrite(ErrorRule rule) {
        return new ErrorSettings(read, rule, at, seed, trigger);
    }

    /// The same, only there.
    public ErrorSettings at(String target) {
        return new ErrorSettings(read, write, Target.parse(target), seed, trigger);
    }

    /// The same with another seed.
    public ErrorSettings withSeed(long other) {
        return new ErrorSettings(read, write, at, other, trigger);
    }

    /// The same, only while a file exists.
    public ErrorSettings withTrigger(Path file) {
        return new ErrorSettings(read, write, at, seed, file);
    }
}
