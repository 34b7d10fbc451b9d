package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.probe.ProbeText;
import io.vfiouser.cli.probe.Prober;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.client.ClientException;
import io.vfiouser.os.NativeCallException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "probe",
        description = {
            "Print what the device behind a socket is, like lspci -vv.",
            "",
            "Any vfio-user server will do. It must have no client: it serves one at a time."
        },
        footer = {
            "Examples:",
            "  vfio-user probe /run/vm1/gpio.sock",
            "  vfio-user probe --timeout 30s /var/tmp/spdk/cntrl"
        })
final class ProbeCommand implements Runnable {
    private final PrintWriter out;

    @Parameters(paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each answer may take; 5s unless given.")
    private String timeout = "5s";

    ProbeCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        Path path = SocketPath.parse("PATH", socket);
        Duration patience = patience();
        try {
            ProbeText.lines(Prober.probe(path, patience)).forEach(out::println);
        } catch (ClientException e) {
            throw new CommandException(Quoted.path(socket) + ": " + withoutSocket(e), e);
        } catch (UncheckedIOException e) {
            throw new CommandException(
                    "%s: %s (expected: a vfio-user server that listens)"
                            .formatted(Quoted.path(socket), reason(e)),
                    e);
        }
    }

    /// Most messages of the client start with the socket.
    private String withoutSocket(ClientException e) {
        return String.valueOf(e.getMessage()).replace("[" + socket + "] ", "");
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NativeCallException call) {
                return call.errno().text();
            }
        }
        return String.valueOf(failure.getMessage());
    }

    private Duration patience() {
        return Durations.parse(timeout)
                .filter(Duration::isPositive)
                .orElseThrow(() ->
                        new UsageException(
                                "--timeout: %s (expected: a time, for example 500ms or 30s)"
                                        .formatted(Quoted.of(timeout))));
    }
}
