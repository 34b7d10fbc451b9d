package io.vfiouser.trace.replay;

import java.io.Serial;

/// A recording cannot be played: there is nothing in it to play, or nobody to play it to.
public final class ReplayException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    ReplayException(String message) {
        super(message);
    }

    ReplayException(String message, Throwable cause) {
        super(message, cause);
    }
}
