package io.vfiouser.server.dispatch;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.server.dma.PendingUnmap;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Takes away all regions of a client that has many of them: a part in each turn of the loop, so
/// that the other clients have theirs. Belongs to the loop.
final class UnmapInTurns {
    /// Mappings in one turn, each in some 10 us.
    private static final int MAPPINGS_A_TURN = 32;

    /// Calls of the device in one turn.
    private static final int CALLS_A_TURN = 1024;

    private final PendingUnmap unmap;
    private final DeviceCalls device;
    private final Iterator<DmaRange> untold;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private @Nullable RuntimeException failure;

    private UnmapInTurns(PendingUnmap unmap, DeviceCalls device) {
        this.unmap = unmap;
        this.device = device;
        this.untold = unmap.ranges().iterator();
    }

    /// Whether there are more regions than one turn has time for.
    static boolean isWorthwhile(PendingUnmap unmap) {
        return unmap.size() > MAPPINGS_A_TURN;
    }

    /// Tells the device, then takes the memory away, which it finds no more from now on.
    ///
    /// @param unmap one of all regions
    /// @throws IllegalStateException if they are used
    /// @return completes on the loop when all is gone, with an error if some of it could not be
    static CompletionStage<@Nullable Void> start(PendingUnmap unmap, DeviceCalls device) {
        unmap.hide();
        var turns = new UnmapInTurns(unmap, device);
        device.nextTurn(turns::tell);
        return turns.done;
    }

    private void tell() {
        try {
            for (int i = 0; i < CALLS_A_TURN && untold.hasNext(); i++) {
                device.memoryUnmapped(untold.next());
            }
        } catch (Throwable thrown) {
            done.completeExceptionally(thrown);
            return;
        }
        device.nextTurn(untold.hasNext() ? this::tell : this::takeAway);
    }

    private void takeAway() {
        boolean all;
        try {
            all = unmap.giveBack(MAPPINGS_A_TURN);
        } catch (RuntimeException e) {
            remember(e);
            all = false;
        }
        if (!all) {
            device.nextTurn(this::takeAway);
        } else if (failure != null) {
            done.completeExceptionally(failure);
        } else {
            done.complete(null);
        }
    }

    private void remember(RuntimeException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }
}
