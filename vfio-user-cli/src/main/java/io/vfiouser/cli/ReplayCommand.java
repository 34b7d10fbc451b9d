package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.JsonText;
import io.vfiouser.cli.text.Progress;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.replay.Replay;
import io.vfiouser.trace.replay.ReplayException;
import io.vfiouser.trace.replay.ReplayOptions;
import io.vfiouser.trace.replay.ReplayResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "replay",
        description = {
            "Play a recorded client to a device, and compare what the device answers.",
            "",
            "Ends with 1 at the first difference, which it prints. Any vfio-user server will do; it"
                    + " must have no client."
        },
        footer = {
            "Examples:",
            "  vfio-user replay gpio.pcapng /run/vm1/gpio.sock",
            "  vfio-user replay gpio.pcapng /run/vm1/gpio.sock --device gpio0 --session 2 --timing",
            "  vfio-user replay gpio.pcapng /run/vm1/gpio.sock --ignore 'BAR2 IN0_7'"
        })
final class ReplayCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Parameters(index = "0", paramLabel = "FILE", description = "the recording")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "Whose client of the recording; that of the first device unless given.")
    private @Nullable String device;

    @Option(
            names = "--session",
            paramLabel = "N",
            description = "Which client of the device, from 1; the first unless given.")
    private @Nullable String session;

    @Option(
            names = "--timing",
            description = "Keep the time between messages, instead of sending them at once.")
    private boolean timing;

    @Option(
            names = "--ignore",
            paramLabel = "PLACE",
            description =
                    "A register whose value may differ, as in 'BAR0 TIME' or BAR2+0x10;"
                            + " repeatable.")
    private List<String> ignored = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each answer may take; 5s unless given.")
    private String timeout = "5s";

    @Mixin private JsonOption json = new JsonOption();

    ReplayCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        ServerAt server = ServerAt.parse(socket, timeout);
        ReplayOptions options =
                ReplayOptions.DEFAULTS
                        .withTimeout(server.timeout())
                        .withTiming(timing)
                        .ignoring(Set.copyOf(ignored))
                        .withSession(sessionNumber());
        if (device != null) {
            options = options.of(device, options.session());
        }
        ReplayResult result;
        try {
            List<CaptureRecord> records = CaptureReader.readAll(file);
            try (var progress = Progress.of("replay", records.size(), " packets")) {
                result = Replay.run(records, server.path(), options, progress::at);
            }
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    "%s: no such file (expected: a recording)"
                            .formatted(Quoted.of(file.toString())),
                    e);
        } catch (IOException | ReplayException e) {
            throw new CommandException(Quoted.of(file.toString()) + ": " + e.getMessage(), e);
        }
        if (json.isAsked()) {
            out.println(json(result));
        } else {
            result.difference().ifPresent(out::println);
        }
        if (result.difference().isPresent()) {
            throw new CommandException(
                    "%s: differs after %d messages that were the same (expected: all)"
                            .formatted(Quoted.path(socket), result.compared()));
        }
        if (!json.isAsked()) {
            out.println(
                    "%d messages sent, %d answers the same"
                            .formatted(result.sent(), result.compared()));
        }
        return 0;
    }

    private static String json(ReplayResult result) {
        return JsonText.object(json -> {
            json.writeNumberProperty("sent", result.sent());
            json.writeNumberProperty("same", result.compared());
            result.difference()
                    .ifPresent(difference -> {
                        json.writeObjectPropertyStart("difference");
                        json.writeNumberProperty("packet", difference.packet());
                        json.writeStringProperty("expected", difference.expected());
                        json.writeStringProperty("actual", difference.actual());
                        json.writeEndObject();
                    });
        });
    }

    private long sessionNumber() {
        if (session == null) {
            return 0;
        }
        try {
            long number = Long.parseLong(session);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw new UsageException(
                "--session: %s (expected: a number from 1)".formatted(Quoted.of(session)));
    }
}
