package io.vfiouser.server.handover;

/// A takeover was given up; the other process goes on serving, and nothing is lost. The message is
/// one line for the user.
public final class TakeoverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Says why.
    public TakeoverException(String message) {
        super(message);
    }

    /// Says why, with what led to it.
    public TakeoverException(String message, Throwable cause) {
        super(message, cause);
    }
}
