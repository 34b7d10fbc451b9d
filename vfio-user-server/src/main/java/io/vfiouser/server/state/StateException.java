package io.vfiouser.server.state;

/// The state of a device cannot be kept, or what was kept cannot be used. The message is one line
/// that names the file or directory.
public final class StateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StateException(String message) {
        super(message);
    }

    StateException(String message, Throwable cause) {
        super(message, cause);
    }
}
