package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Quoted;
import picocli.CommandLine.Option;

/// The options that name bytes of a namespace.
final class NvmeRange {
    @Option(
            names = "--offset",
            paramLabel = "SIZE",
            description = "First byte in the namespace; 0 unless given.")
    private String offset = "0";

    @Option(names = "--length", paramLabel = "SIZE", required = true, description = "Bytes.")
    private String length = "";

    @Option(names = "--namespace", paramLabel = "ID", description = "1 unless given.")
    private int namespace = 1;

    long offset() {
        return size("--offset", offset);
    }

    long length() {
        return size("--length", length);
    }

    int namespace() {
        return namespace;
    }

    private static long size(String option, String text) {
        return ByteSize.parse(text)
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s (expected: a size, for example 64K)"
                                        .formatted(option, Quoted.of(text))));
    }
}
