package io.vfiouser.server;

import java.util.concurrent.CompletionException;

/// A device cannot be served. The message is one line for the user.
public final class ServeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ServeException(String message, Throwable cause) {
        super(message, cause);
    }

    static ServeException of(String name, Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ServeException same) {
            return same;
        }
        String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return new ServeException(name + ": " + why, cause);
    }
}
