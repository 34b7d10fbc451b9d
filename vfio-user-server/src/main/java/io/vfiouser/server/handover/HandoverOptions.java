package io.vfiouser.server.handover;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/// How a server lets itself be taken over. Immutable.
///
/// @param socket where the other process connects; only processes of the same user may
/// @param note what the other process is told, such as how this one was started; at most 64 KiB
/// @param prepareTimeout how long the other process may take to build its devices, while this one
///   serves on
/// @param freezeTimeout how long the devices may take to stop; their clients wait from then on
/// @param installTimeout how long the other process may take to put everything in place, while
///   nobody serves
public record HandoverOptions(
        Path socket,
        String note,
        Duration prepareTimeout,
        Duration freezeTimeout,
        Duration installTimeout) {
    private static final int MAX_NOTE = 64 << 10;

    /// Checks the values.
    public HandoverOptions {
        Objects.requireNonNull(socket, "socket");
        if (note.length() > MAX_NOTE) {
            throw new IllegalArgumentException(
                    "note: " + note.length() + " characters (expected: at most " + MAX_NOTE + ")");
        }
        checkPositive("prepareTimeout", prepareTimeout);
        checkPositive("freezeTimeout", freezeTimeout);
        checkPositive("installTimeout", installTimeout);
    }

    /// No note; a minute to prepare, 5 seconds to stop, 5 seconds to put in place.
    public static HandoverOptions at(Path socket) {
        return new HandoverOptions(
                socket, "", Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    /// The same options with another note.
    public HandoverOptions withNote(String text) {
        return new HandoverOptions(socket, text, prepareTimeout, freezeTimeout, installTimeout);
    }

    /// The same options with other times.
    public HandoverOptions withTimeouts(Duration prepare, Duration freeze, Duration install) {
        return new HandoverOptions(socket, note, prepare, freeze, install);
    }

    /// How long a process that takes over waits for each answer of the other one: as long as the
    /// devices there may take to stop, and to be put in place.
    public Duration answerTimeout() {
        return freezeTimeout.plus(installTimeout);
    }

    private static void checkPositive(String name, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: above zero)");
        }
    }
}
