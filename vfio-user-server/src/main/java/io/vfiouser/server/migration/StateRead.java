package io.vfiouser.server.migration;

import io.vfiouser.device.outcome.Completion;

/// One read of saved state, at work or done.
public final class StateRead {
    private Completion completion = Completion.DONE;
    private int count;

    StateRead() {}

    /// When it is done, on the device's loop, with the device's error if there is one.
    public Completion completion() {
        return completion;
    }

    /// How many bytes were read, once it is done; fewer than there was room for at the end of the
    /// stream.
    public int count() {
        return count;
    }

    StateRead with(Completion work) {
        completion = work;
        return this;
    }

    void add(int bytes) {
        count += bytes;
    }
}
