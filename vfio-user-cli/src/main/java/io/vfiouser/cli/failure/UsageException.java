package io.vfiouser.cli.failure;

/// The user asked for something that cannot be meant: a wrong argument, setting or config file. The
/// command ends with status 2 before it has done anything.
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes the exception.
    ///
    /// @param message one line, `name: value (expected: condition)`
    public UsageException(String message) {
        super(message);
    }

    /// Makes the exception with what led to it.
    ///
    /// @param message one line, `name: value (expected: condition)`
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
