package io.vfiouser.client;

import java.io.Serial;

/// The reply to one command makes no sense: its payload is too short, contradicts itself, or is not
/// what was asked for. The connection goes on, because the size of the message held.
public final class MalformedReplyException extends ClientException {
    @Serial private static final long serialVersionUID = 1L;

    MalformedReplyException(String message) {
        super(message);
    }

    MalformedReplyException(String message, Throwable cause) {
        super(message, cause);
    }
}
