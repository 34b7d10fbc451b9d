package io.vfiouser.cli.probe;

import io.vfiouser.client.ClientException;
import java.io.Serial;

/// The server took the connection, but not as its client's.
public final class NotServedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    NotServedException(ClientException cause, String why) {
        super(cause.getMessage() + "; " + why, cause);
    }
}
