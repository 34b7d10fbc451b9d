package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.probe.NotServedException;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.client.ClientException;
import io.vfiouser.os.NativeCallException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/// Any vfio-user server that a command talks to as a client, and how patiently.
///
/// @param socket as the user wrote it
/// @param path of the socket
/// @param timeout how long each answer may take
record ServerAt(String socket, Path path, Duration timeout) {
    /// Something that talks to a server.
    @FunctionalInterface
    interface Conversation<T> {
        T run();
    }

    /// Reads the arguments.
    ///
    /// @throws UsageException if one cannot be meant
    static ServerAt parse(String socket, String timeout) {
        Duration patience =
                Durations.parse(timeout)
                        .filter(Duration::isPositive)
                        .orElseThrow(() ->
                                new UsageException(
                                        "--timeout: %s (expected: a time, for example 500ms or 30s)"
                                                .formatted(Quoted.of(timeout))));
        return new ServerAt(socket, SocketPath.parse("PATH", socket), patience);
    }

    /// Runs what talks to the server.
    ///
    /// @throws CommandException if there is none, or it does not talk as a server should
    <T> T talk(Conversation<T> conversation) {
        try {
            return conversation.run();
        } catch (ClientException | NotServedException e) {
            throw new CommandException(Quoted.path(socket) + ": " + withoutSocket(e), e);
        } catch (UncheckedIOException e) {
            throw new CommandException(
                    "%s: %s (expected: a vfio-user server that listens)"
                            .formatted(Quoted.path(socket), reason(e)),
                    e);
        }
    }

    /// Most messages of the client start with the socket.
    private String withoutSocket(RuntimeException e) {
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
}
