package io.vfiouser.cli;

import picocli.CommandLine.Option;

/// `--json`, the same for all commands that print data.
final class JsonOption {
    @Option(
            names = "--json",
            description = "Print JSON, for programs, on one line for each result.")
    private boolean json;

    /// Whether JSON is asked for.
    boolean isAsked() {
        return json;
    }
}
