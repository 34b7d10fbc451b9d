package io.vfiouser.server.dispatch;

import io.vfiouser.os.Errno;

/// What a throwable means for the client whose command caused it.
public sealed interface Fault {
    /// The reason, for the log.
    String message();

    /// The command is refused; the session goes on.
    ///
    /// @param errno what the client sees
    /// @param message the reason, for the log
    record Reject(Errno errno, String message) implements Fault {}

    /// The stream cannot be followed any further: the session is over, without a reply.
    ///
    /// @param message the reason, for the log
    record CloseSession(String message) implements Fault {}

    /// Code of the device, or ours, failed in a way it should not: the client sees `EIO`, the cause
    /// is logged.
    ///
    /// @param message the reason, for the log
    /// @param cause what was thrown
    record Internal(String message, Throwable cause) implements Fault {}
}
