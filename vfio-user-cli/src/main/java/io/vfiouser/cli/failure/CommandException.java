package io.vfiouser.cli.failure;

/// A command could not do what it was rightly asked for. It ends with status 1.
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes the exception.
    ///
    /// @param message one line that names the value and what was expected
    public CommandException(String message) {
        super(message);
    }

    /// Makes the exception with what led to it.
    ///
    /// @param message one line that names the value and what was expected
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
