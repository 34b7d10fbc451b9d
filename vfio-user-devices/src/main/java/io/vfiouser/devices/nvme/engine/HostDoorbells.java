package io.vfiouser.devices.nvme.engine;

import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;

/// Doorbells that the host leaves in memory, where the controller looks for them. Where every
/// doorbell is a register write there is nothing to look at: [#NONE].
public interface HostDoorbells {
    /// No doorbells in memory.
    HostDoorbells NONE =
            new HostDoorbells() {
                @Override
                public void look(SubmissionQueue queue) {}

                @Override
                public boolean sleep(SubmissionQueue queue) {
                    return true;
                }

                @Override
                public void look(CompletionQueue queue) {}
            };

    /// Takes over the tail of a queue as it is in memory.
    void look(SubmissionQueue queue);

    /// The controller has fetched everything and will not look again by itself: the host has to
    /// ring.
    ///
    /// @return whether the queue is still empty now that the host knows
    boolean sleep(SubmissionQueue queue);

    /// Takes over the head of a queue as it is in memory.
    void look(CompletionQueue queue);
}
