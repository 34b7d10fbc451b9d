package io.vfiouser.client;

import java.io.Serial;

/// What a server or the way to it can do wrong to one call of the client.
public abstract sealed class ClientException extends RuntimeException
        permits RemoteErrorException,
                MalformedReplyException,
                ReplyTimeoutException,
                ConnectionClosedException {
    @Serial private static final long serialVersionUID = 1L;

    ClientException(String message) {
        super(message);
    }

    ClientException(String message, Throwable cause) {
        super(message, cause);
    }
}
