package io.vfiouser.nvme;

/// How a queue learns of its completions.
public enum CompletionMode {
    /// By looking at the completion queue again and again; the controller does not interrupt.
    POLLED,
    /// By an MSI-X eventfd, of the vector with the number of the queue.
    INTERRUPT
}
