package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Progress;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.testkit.hammer.Hammer;
import io.vfiouser.testkit.hammer.HammerException;
import io.vfiouser.testkit.hammer.HammerOptions;
import io.vfiouser.testkit.hammer.HammerReport;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "hammer",
        description = {
            "Strike a server with random commands, the same ones for the same seed.",
            "",
            "Any vfio-user server will do. It must have no client now. Its registers are written"
                + " with random values: have nothing behind it that is dear, or use --read-only."
                + " Any answer is a good one, a refusal too; none within --timeout, or a connection"
                + " that the server ends, is not."
        },
        footer = {
            "Examples:",
            "  vfio-user hammer /run/vm1/gpio.sock",
            "  vfio-user hammer --hostile --for 10m --seed 7 /run/vm1/gpio.sock",
            "",
            "It ends with 1 if the server breaks; the last commands are shown."
        })
final class HammerCommand implements Runnable {
    /// Descriptors that a server may open when they are first needed, and keep.
    private static final int OPENED_ONCE = 16;

    private final PrintWriter out;

    @Parameters(paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "How long; 10s unless given, without end if --steps is.")
    private @Nullable String duration;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "How many commands, in place of a time.")
    private @Nullable Long steps;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Where the random sequence starts; 1 unless given.")
    private String seed = "1";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each answer may take; 5s unless given.")
    private String timeout = "5s";

    @Option(names = "--read-only", description = "Write to no region.")
    private boolean readOnly;

    @Option(
            names = "--hostile",
            description =
                    "Also send what no client should: bytes without sense, half messages,"
                            + " descriptors where none belong; and vanish in the middle.")
    private boolean hostile;

    @Mixin private JsonOption json = new JsonOption();

    HammerCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        ServerAt server = ServerAt.parse(socket, timeout);
        HammerOptions options = options(server.timeout());
        HammerReport report = server.talk(() -> hammer(server, options));
        out.print(
                json.isAsked() ? HammerJson.text(report) + System.lineSeparator() : report.text());
        out.flush();
        if (report.after().descriptors() > report.before().descriptors() + OPENED_ONCE) {
            throw new CommandException(
                    "%s: %s after %s (expected: at most %d descriptors more)"
                            .formatted(
                                    Quoted.path(socket),
                                    report.after(),
                                    report.before(),
                                    OPENED_ONCE));
        }
    }

    private static HammerReport hammer(ServerAt server, HammerOptions options) {
        try {
            if (options.steps() < Long.MAX_VALUE) {
                try (var progress = Progress.of("hammer", options.steps(), " commands")) {
                    return Hammer.run(server.path(), options, progress::at);
                }
            }
            try (var _ = Progress.ofTime("hammer", options.duration())) {
                return Hammer.run(server.path(), options);
            }
        } catch (HammerException e) {
            throw new CommandException(server.socket() + ": " + e.getMessage(), e);
        }
    }

    private HammerOptions options(Duration patience) {
        HammerOptions options =
                HammerOptions.DEFAULTS
                        .withSeed(Numbers.decode("--seed", seed))
                        .withTimeout(patience)
                        .withWriting(!readOnly)
                        .withHostile(hostile);
        if (steps != null) {
            if (steps < 1) {
                throw new UsageException("--steps: %d (expected: at least 1)".formatted(steps));
            }
            options = options.withSteps(steps);
        }
        return duration == null ? options : options.withDuration(time(duration));
    }

    private static Duration time(String text) {
        return Durations.parse(text)
                .filter(Duration::isPositive)
                .orElseThrow(() ->
                        new UsageException(
                                "--for: %s (expected: a time, for example 30s or 10m)"
                                        .formatted(Quoted.of(text))));
    }
}
