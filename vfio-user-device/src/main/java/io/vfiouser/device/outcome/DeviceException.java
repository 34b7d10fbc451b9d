package io.vfiouser.device.outcome;

import io.vfiouser.os.Errno;
import java.util.Objects;

/// A device refuses or fails one request; the client gets [#errno()] in the error reply and the
/// session goes on.
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Errno errno;

    /// An error with a reason for the log.
    ///
    /// @param errno what the client sees
    /// @param message names the value and what was expected: `offset: 0x104 (expected: below
    ///   0x100)`
    public DeviceException(Errno errno, String message) {
        super(message);
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    /// An error with its cause.
    ///
    /// @param errno what the client sees
    /// @param message names the value and what was expected
    /// @param cause what led to it
    public DeviceException(Errno errno, String message, Throwable cause) {
        super(message, cause);
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    /// What the client sees.
    public Errno errno() {
        return errno;
    }
}
