package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.trace.TracePrinter;
import io.vfiouser.trace.Dissector;
import io.vfiouser.trace.capture.CaptureReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trace",
        description = {
            "Print a recording, a line for each message, with the names of registers.",
            "",
            "Recordings are made by 'serve --record' and 'proxy --record'; 'serve --trace' and"
                    + " 'proxy --trace' print at once."
        },
        footer = {
            "Examples:",
            "  vfio-user trace gpio.pcapng",
            "  vfio-user trace nvme.pcapng --grep 'REGION_WRITE BAR0 (CC|AQA)'",
            "  vfio-user trace gpio.pcapng --json",
            "  vfio-user trace --dissector > ~/.local/lib/wireshark/plugins/vfio-user.lua"
        })
final class TraceCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the recording; - for stdin")
    private @Nullable Path file;

    @Option(
            names = "--grep",
            paramLabel = "REGEX",
            description = "Only lines in which REGEX is found.")
    private @Nullable String grep;

    @Mixin private JsonOption json = new JsonOption();

    @Option(names = "--dissector", description = "Print the dissector for Wireshark instead.")
    private boolean dissector;

    TraceCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (dissector) {
            out.print(Dissector.lua());
            out.flush();
            return 0;
        }
        if (file == null) {
            throw new UsageException("FILE: missing (expected: a recording, or --dissector)");
        }
        Predicate<String> wanted = wanted();
        try (var capture = open(file)) {
            new TracePrinter(out, json.isAsked(), wanted).print(capture);
            if (capture.lost() > 0) {
                throw new CommandException(
                        "%s: %d messages were lost when it was made (expected: none)"
                                .formatted(Quoted.of(file.toString()), capture.lost()));
            }
            return 0;
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    "%s: no such file (expected: a recording)"
                            .formatted(Quoted.of(file.toString())),
                    e);
        } catch (IOException e) {
            throw new CommandException(
                    "%s: %s".formatted(Quoted.of(file.toString()), e.getMessage()), e);
        }
    }

    private static CaptureReader open(Path file) throws IOException {
        return file.toString().equals("-")
                ? new CaptureReader(System.in)
                : CaptureReader.open(file);
    }

    private Predicate<String> wanted() {
        if (grep == null) {
            return _ -> true;
        }
        try {
            return Pattern.compile(grep).asPredicate();
        } catch (PatternSyntaxException e) {
            throw new UsageException(
                    "--grep: %s: %s (expected: a regular expression)"
                            .formatted(Quoted.of(grep), e.getDescription()),
                    e);
        }
    }
}
