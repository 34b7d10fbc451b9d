package io.vfiouser.client;

import java.io.Serial;

/// The connection has ended: the server closed it, broke the protocol, or this side closed it.
/// Nothing can be sent any more.
public final class ConnectionClosedException extends ClientException {
    @Serial private static final long serialVersionUID = 1L;

    ConnectionClosedException(String message) {
        super(message);
    }

    ConnectionClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
