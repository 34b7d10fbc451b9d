package io.vfiouser.cli.trace;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.trace.capture.CaptureSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of commands that can capture what they see.
public final class CaptureOptions {
    @Option(
            names = {"--record", "--capture"},
            paramLabel = "FILE",
            description =
                    "Write all messages to FILE, in pcapng: for Wireshark, 'vfio-user trace' and"
                            + " 'vfio-user replay'.")
    private @Nullable Path record;

    @Option(
            names = "--record-memory",
            paramLabel = "SIZE",
            description =
                    "Record the contents of client memory too, of up to SIZE bytes of it, as in"
                            + " 16M; all of them are looked at for each message.")
    private @Nullable String memory;

    @Option(
            names = "--record-limit",
            paramLabel = "SIZE",
            description =
                    "Put the file aside as FILE.1 to FILE.4 when it has SIZE bytes, as in 100M.")
    private @Nullable String limit;

    @Option(
            names = "--trace",
            description = "Print all messages with the names of registers, as they go by.")
    private boolean trace;

    /// Without any of them.
    public CaptureOptions() {}

    /// Whether anything is asked for.
    public boolean isAny() {
        return record != null || trace;
    }

    /// The file that will be written, if one is asked for.
    public Optional<Path> output() {
        return Optional.ofNullable(record);
    }

    /// Starts what is asked for.
    ///
    /// @param out takes the lines of a trace
    /// @throws UsageException if a value cannot be meant
    /// @throws CommandException if the file cannot be written
    public Captures start(PrintWriter out) {
        CaptureSettings settings = settings();
        try {
            return Captures.start(record, settings, trace ? out : null);
        } catch (IOException e) {
            throw new CommandException(
                    "--record: %s: %s (expected: a file that can be written)"
                            .formatted(Quoted.of(String.valueOf(record)), e.getMessage()),
                    e);
        }
    }

    private CaptureSettings settings() {
        if (record == null && (memory != null || limit != null)) {
            throw new UsageException(
                    (memory == null ? "--record-limit" : "--record-memory")
                            + ": no --record (expected: --record=FILE beside it)");
        }
        CaptureSettings settings = CaptureSettings.DEFAULTS;
        if (memory != null) {
            settings = settings.withMemory(size("--record-memory", memory, 1));
        }
        if (limit != null) {
            settings = settings.withFileSize(size("--record-limit", limit, 1 << 20));
        }
        return settings;
    }

    private static long size(String name, String text, long least) {
        return ByteSize.parse(text)
                .filter(bytes -> bytes >= least)
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s (expected: a size of at least %s, as in 100M)"
                                        .formatted(name, Quoted.of(text), ByteSize.format(least))));
    }
}
