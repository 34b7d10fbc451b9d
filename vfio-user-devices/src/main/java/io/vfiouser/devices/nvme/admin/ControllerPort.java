package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;

/// What admin commands ask of the controller around them.
public interface ControllerPort {
    /// Who it is.
    Identity identity();

    /// Whether the host has set the entry sizes of I/O queues to the only ones there are.
    boolean hasEntrySizes();

    /// A queue is new: its doorbells start at 0.
    void created(CompletionQueue queue);

    /// A queue is new: its doorbell starts at 0.
    void created(SubmissionQueue queue);

    /// From now on the host leaves doorbells in guest memory.
    ///
    /// @param shadow the page with the doorbells
    /// @param eventIndexes the page in which the controller says when it wants to be told
    /// @return false if the pages cannot be reached directly
    boolean useShadowDoorbells(long shadow, long eventIndexes);

    /// The host asks to be taken for dead if nothing is heard of it for so long.
    ///
    /// @param millis 0 for never
    void setKeepAlive(int millis);

    /// The host lives.
    void keepAlive();
}
