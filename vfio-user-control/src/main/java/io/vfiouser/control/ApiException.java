package io.vfiouser.control;

import io.netty.handler.codec.http.HttpResponseStatus;

/// A call that cannot be done; its message goes to who called.
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient HttpResponseStatus status;

    ApiException(HttpResponseStatus status, String message) {
        super(message);
        this.status = status;
    }

    HttpResponseStatus status() {
        return status;
    }
}
