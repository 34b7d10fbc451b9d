package io.vfiouser.devices.nvme.engine;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Commands that the storage has answered on other threads, on their way to the loop. Many threads
/// add, the loop takes; nobody waits and nothing is allocated.
final class ReturnedCommands {
    private final AtomicReference<@Nullable Command> latest = new AtomicReference<>();

    void add(Command command) {
        Command before;
        do {
            before = latest.get();
            command.next = before;
        } while (!latest.compareAndSet(before, command));
    }

    /// Moves all of them to `into`, the first one that came first.
    void moveTo(CommandList into) {
        if (latest.get() == null) {
            return;
        }
        Command reversed = null;
        for (Command each = latest.getAndSet(null); each != null; ) {
            Command next = each.next;
            each.next = reversed;
            reversed = each;
            each = next;
        }
        for (Command each = reversed; each != null; ) {
            Command next = each.next;
            into.add(each);
            each = next;
        }
    }
}
