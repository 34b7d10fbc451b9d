package io.vfiouser.codec;

import java.io.Serial;

/// The peer broke the stream, so that what follows has no meaning: the session is over.
///
/// Has no stack trace: it is caused by what a peer sent, not by where it was seen.
public final class ProtocolViolationException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /// A violation, worded as `name: value (expected: condition)`.
    public ProtocolViolationException(String message) {
        super(message, null, false, false);
    }

    /// A violation seen while a reply was read.
    ///
    /// @param message what was read
    /// @param cause what was wrong with it
    ProtocolViolationException(String message, RequestRejectedException cause) {
        super(message + ": " + cause.getMessage(), cause, false, false);
    }
}
