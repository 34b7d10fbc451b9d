package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.protocol.Dialect;
import java.util.List;

/// The value of `--dialect`.
final class DialectOption {
    /// What it is unless it is given.
    static final String DEFAULT = "current";

    private static final List<String> NAMES = List.of(DEFAULT, "legacy");

    private DialectOption() {}

    /// Reads `current` or `legacy`.
    ///
    /// @throws UsageException for anything else
    static Dialect parse(String value) {
        return switch (value) {
            case DEFAULT -> Dialect.CURRENT;
            case "legacy" -> Dialect.LEGACY;
            default ->
                    throw new UsageException(
                            "--dialect: %s (expected: %s%s)"
                                    .formatted(
                                            Quoted.of(value),
                                            String.join(" or ", NAMES),
                                            Suggestion.clause(value, NAMES)));
        };
    }
}
