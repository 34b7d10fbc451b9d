package io.vfiouser.codec;

import io.vfiouser.os.Errno;
import java.io.Serial;

/// One request is refused with an errno; the session goes on.
///
/// Has no stack trace: a peer can cause it with every message.
public final class RequestRejectedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Errno errno;

    /// A refusal with `errno`, worded as `name: value (expected: condition)`.
    public RequestRejectedException(Errno errno, String message) {
        super(message, null, false, false);
        this.errno = errno;
    }

    /// The errno that goes into the error reply.
    public Errno errno() {
        return errno;
    }
}
