package io.vfiouser.devices.testdev;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.outcome.Completion;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/// Long work on the device's loop, one slice for each turn, so that other devices go on in between.
final class SlicedWork implements Runnable {
    private final DeviceContext context;
    private final BooleanSupplier slice;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    private SlicedWork(DeviceContext context, BooleanSupplier slice) {
        this.context = context;
        this.slice = slice;
    }

    /// Does the first slice now and the rest in later turns. An exception of a slice ends the work.
    ///
    /// @param slice does about 50 microseconds of work; returns whether there is more
    static Completion run(DeviceContext context, BooleanSupplier slice) {
        if (!slice.getAsBoolean()) {
            return Completion.DONE;
        }
        var rest = new SlicedWork(context, slice);
        context.execute(rest);
        return Completion.after(rest.done);
    }

    @Override
    public void run() {
        try {
            if (slice.getAsBoolean()) {
                context.execute(this);
            } else {
                done.complete(true);
            }
        } catch (Throwable e) { // also the InternalError of memory that the client has cut short
            done.completeExceptionally(e);
        }
    }
}
