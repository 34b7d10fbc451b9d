package io.vfiouser.client;

import java.io.Serial;
import java.time.Duration;

/// A reply did not come in time. The connection goes on; a reply that comes later is dropped.
public final class ReplyTimeoutException extends ClientException {
    @Serial private static final long serialVersionUID = 1L;

    ReplyTimeoutException(String waitedFor, Duration timeout) {
        super(waitedFor + ": nothing came (expected: within timeout, " + timeout + ")");
    }
}
