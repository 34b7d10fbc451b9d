package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.outcome.Completion;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Accesses that wait for their time on the device's loop, which goes on meanwhile.
final class Waits {
    private final Set<Wait> waiting = new HashSet<>();
    private DeviceContext context = DeviceContext.UNATTACHED;

    void attached(DeviceContext context) {
        this.context = context;
    }

    /// Done on the loop once `time` has passed, or when all waits are ended.
    Completion forTime(Duration time) {
        var wait = new Wait();
        waiting.add(wait);
        context.schedule(time, wait::end);
        return Completion.after(wait.over);
    }

    /// Lets all go on at once.
    void endAll() {
        List.copyOf(waiting).forEach(Wait::end);
    }

    private final class Wait {
        private final CompletableFuture<Boolean> over = new CompletableFuture<>();

        private void end() {
            waiting.remove(this);
            over.complete(true);
        }
    }
}
