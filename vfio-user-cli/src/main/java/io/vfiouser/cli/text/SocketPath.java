package io.vfiouser.cli.text;

import io.vfiouser.cli.failure.UsageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Paths of UNIX sockets, which the kernel wants short.
public final class SocketPath {
    /// Bytes of the longest one: `sun_path` has 108 with the NUL at the end.
    public static final int MAX_SIZE = 107;

    private SocketPath() {}

    /// The path that `text` stands for.
    ///
    /// @param name who has the value, for the message
    /// @throws UsageException if it cannot be a socket's
    public static Path parse(String name, String text) {
        int size = text.getBytes(StandardCharsets.UTF_8).length;
        if (size == 0 || size > MAX_SIZE) {
            throw new UsageException(
                    "%s: %s, %d bytes (expected: a path of 1 to %d bytes)"
                            .formatted(name, Quoted.path(text), size, MAX_SIZE));
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "%s: %s (expected: a path; %s)"
                            .formatted(name, Quoted.path(text), e.getReason()),
                    e);
        }
    }
}
