package io.vfiouser.benchmarks.compare;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A server to measure, as a command line.
///
/// The command has `{socket}` where the path of the socket goes. What is in `[spin: ..]` is used
/// only when the server shall poll without sleeping, what is in `[count: ..]` only when it shall
/// serve `{count}` devices, with `%d` in the path. A command without such a part is not measured
/// that way.
///
/// @param name how tables and charts call it
/// @param command split at blanks
record Peer(String name, String command) {
    private static final Pattern PART = Pattern.compile("\\[(spin|count):([^\\]]*)\\]");

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /// From `NAME=COMMAND`.
    static Peer parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || !text.contains("{socket}")) {
            throw new IllegalArgumentException(
                    "--peer: " + text + " (expected: NAME=COMMAND with {socket} in it)");
        }
        return new Peer(text.substring(0, equals), text.substring(equals + 1));
    }

    /// The command for a mode, or empty if this server cannot be run so.
    Optional<List<String>> command(Mode mode, String socket, int count) {
        String wanted =
                switch (mode) {
                    case ONE_CPU -> "";
                    case SPIN -> "spin";
                    case MANY -> "count";
                };
        if (!wanted.isEmpty() && !command.contains("[" + wanted + ":")) {
            return Optional.empty();
        }
        String filled =
                PART.matcher(command)
                        .replaceAll(part -> part.group(1).equals(wanted) ? part.group(2) : "")
                        .replace("{socket}", socket)
                        .replace("{count}", Integer.toString(count));
        return Optional.of(BLANKS.splitAsStream(filled).filter(word -> !word.isEmpty()).toList());
    }
}
