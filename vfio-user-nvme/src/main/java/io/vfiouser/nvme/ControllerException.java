package io.vfiouser.nvme;

/// A controller does not do what the specification asks of it, or not in time.
public final class ControllerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Makes the exception.
    ///
    /// @param message what was seen, and what was expected
    public ControllerException(String message) {
        super(message);
    }
}
