package io.vfiouser.trace.capture;

import java.io.IOException;
import java.io.Serial;

/// A file is no capture, or a damaged one; the message says where it differs.
public final class CaptureFormatException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    CaptureFormatException(String message) {
        super(message);
    }
}
