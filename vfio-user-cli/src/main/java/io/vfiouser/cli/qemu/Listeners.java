package io.vfiouser.cli.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/// Whether servers are there, as far as it can be told without connecting: a connection could be
/// the one client that a server was to have.
public final class Listeners {
    private static final Path SOCKETS = Path.of("/proc/net/unix");

    /// A line of [#SOCKETS]: address, references, protocol, flags, type, state, inode, path.
    private static final int FLAGS = 3;

    private static final int PATH = 7;
    private static final String LISTENS = "00010000";

    private Listeners() {}

    /// Why QEMU would find no server at a path; nothing if it probably finds one.
    public static Optional<String> absence(Path socket) {
        if (!Files.exists(socket)) {
            return Optional.of("no such file");
        }
        // A server may have bound it by another path to the same file, a relative one as well.
        String name = String.valueOf(socket.getFileName());
        return someListens(path -> path.equals(name) || path.endsWith("/" + name))
                ? Optional.empty()
                : Optional.of("nothing listens there");
    }

    private static boolean someListens(Predicate<String> path) {
        try (var lines = Files.lines(SOCKETS)) {
            return lines.map(line -> line.strip().split(" +", PATH + 1))
                    .anyMatch(words ->
                            words.length > PATH
                                    && words[FLAGS].equals(LISTENS)
                                    && path.test(words[PATH]));
        } catch (IOException _) {
            return true; // the kernel does not tell
        }
    }
}
