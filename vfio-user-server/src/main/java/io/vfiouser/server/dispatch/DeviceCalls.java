package io.vfiouser.server.dispatch;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;

/// What handlers ask of the device behind the session.
public interface DeviceCalls {
    /// Asks the device to stop using client memory.
    Completion quiesce();

    /// Lets it go on.
    void resume();

    /// Resets device, config space and interrupt state; the device is quiet.
    Completion reset(ResetReason reason);

    /// Runs `task` on the loop, but not within the call that is under way: the last use of a region
    /// often ends inside a callback of the device.
    void later(Runnable task);

    /// Runs `task` in the loop's next turn, so that the loop looks at its sockets in between.
    void nextTurn(Runnable task);

    /// The same completion, but done on the loop, where everything that follows belongs. Devices
    /// complete their stages on any thread.
    Completion onLoop(Completion completion);

    /// Tells the device of new memory.
    void memoryMapped(DmaRange range);

    /// Tells the device that memory is gone.
    void memoryUnmapped(DmaRange range);
}
