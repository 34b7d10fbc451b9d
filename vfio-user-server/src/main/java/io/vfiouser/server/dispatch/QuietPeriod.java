package io.vfiouser.server.dispatch;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.PendingUnmap;
import java.util.function.Supplier;

/// Work that needs the device to be quiet and client memory to be unused, as a reset does and a
/// change of the migration state.
public final class QuietPeriod {
    private final DmaTable memory;
    private final DeviceCalls device;

    /// Quiet for one client.
    ///
    /// @param memory the client's
    public QuietPeriod(DmaTable memory, DeviceCalls device) {
        this.memory = memory;
        this.device = device;
    }

    /// Asks the device to be quiet, waits for open leases, does the work, and lets the device go on
    /// however that ended. Runs on the loop, and so does `work`.
    ///
    /// @return done on the loop, with the error of whichever failed
    public Completion during(Supplier<Completion> work) {
        Completion done;
        try {
            done = device.quiesce().then(this::leasesClosed).then(work);
        } catch (Throwable thrown) {
            device.resume();
            throw thrown;
        }
        return switch (done) {
            case Completion.Done _ -> {
                device.resume();
                yield done;
            }
            case Completion.Pending(var stage) ->
                    Completion.after(stage.whenComplete((_, _) -> device.resume()));
        };
    }

    /// New leases are refused while the open ones are waited for.
    private Completion leasesClosed() {
        PendingUnmap users = memory.beginUnmapAll();
        return DmaCommands.unused(users, device)
                .then(() -> {
                    users.cancel();
                    return Completion.DONE;
                });
    }
}
