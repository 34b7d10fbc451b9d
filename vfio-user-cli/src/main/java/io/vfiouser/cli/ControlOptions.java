package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.sandbox.SandboxNeeds;
import io.vfiouser.cli.types.InstalledCatalog;
import io.vfiouser.control.ControlAddress;
import io.vfiouser.control.ControlServer;
import io.vfiouser.control.ControlToken;
import io.vfiouser.server.VfioUserServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `serve` that let others control it while it runs.
final class ControlOptions {
    @Option(
            names = "--control",
            paramLabel = "ADDRESS",
            description =
                    "Listen for 'vfio-user ctl', Prometheus and browsers (live page), on unix:PATH"
                            + " or 127.0.0.1:PORT. Filters can then come and go.")
    private @Nullable String address;

    @Option(
            names = "--control-token-file",
            paramLabel = "FILE",
            description =
                    "What callers must know is in FILE, which is made if it is missing. Needed for"
                            + " a port, as every user of this host can connect.")
    private @Nullable Path tokenFile;

    boolean isOn() {
        return address != null;
    }

    /// What that takes behind a sandbox.
    void need(SandboxNeeds needs) {
        if (tokenFile != null) {
            needs.make(tokenFile);
        }
        if (address != null) {
            switch (parsed(address)) {
                case ControlAddress.Unix unix -> needs.socket(unix.path());
                case ControlAddress.Loopback loopback -> needs.listen(loopback.port());
            }
        }
    }

    /// Starts to listen, if that is asked for.
    ///
    /// @param err is told where the page is
    Optional<ControlServer> start(VfioUserServer server, PrintWriter err) {
        if (address == null) {
            if (tokenFile != null) {
                throw new UsageException(
                        "--control-token-file: " + tokenFile + " (expected: --control too)");
            }
            return Optional.empty();
        }
        try {
            ControlAddress where = parsed(address);
            if (where instanceof ControlAddress.Loopback && tokenFile == null) {
                throw new UsageException(
                        "--control-token-file: missing (expected: a file for the token, as every"
                                + " user of this host can connect to a port)");
            }
            var control =
                    ControlServer.start(server, where, token(tokenFile), new InstalledCatalog());
            if (control.address() instanceof ControlAddress.Loopback at) {
                err.println("live page: http://" + at + "/ (the token is in " + tokenFile + ")");
            }
            return Optional.of(control);
        } catch (UncheckedIOException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ControlAddress parsed(String text) {
        try {
            return ControlAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--control: " + e.getMessage(), e);
        }
    }

    private static Optional<ControlToken> token(@Nullable Path file) {
        if (file == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ControlToken.inFile(file));
        } catch (IOException e) {
            throw new CommandException("--control-token-file: " + e, e);
        }
    }
}
