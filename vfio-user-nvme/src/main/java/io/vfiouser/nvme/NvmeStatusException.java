package io.vfiouser.nvme;

/// A command that the controller ended with an error status.
public final class NvmeStatusException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    /// Makes the exception.
    ///
    /// @param command what was asked, such as `Read`
    /// @param status the status, not 0
    public NvmeStatusException(String command, int status) {
        super(command + ": " + NvmeStatus.text(status) + " (expected: Successful Completion)");
        this.status = status;
    }

    /// The status: code in bits 7:0, its type in bits 10:8, More in bit 13, Do Not Retry in bit 14.
    public int status() {
        return status;
    }
}
