package io.vfiouser.nvme;

/// Told of each completion, on the thread that polls.
@FunctionalInterface
public interface CompletionListener {
    /// A command has ended.
    ///
    /// @param commandId what submitting it returned; may be given to the next command
    /// @param status 0 if it succeeded, else to be put into words by [NvmeStatus#text(int)]
    /// @param result dword 0 of the entry, whose meaning depends on the command
    void completed(int commandId, int status, int result);
}
