package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.Limits;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Writes completions, keeps those for which a queue has no room, and interrupts once for all
/// entries that a turn has written to a queue.
final class Posting {
    private final Interrupts interrupts;
    private final @Nullable CommandList[] kept = new @Nullable CommandList[Limits.QUEUES];
    private @Nullable CompletionQueue[] due = new @Nullable CompletionQueue[Limits.QUEUES];
    private int dueCount;

    Posting(Interrupts interrupts) {
        this.interrupts = interrupts;
    }

    /// Whether completions wait for room in a queue.
    boolean isWaiting(CompletionQueue queue) {
        CommandList list = kept[queue.id()];
        return list != null && !list.isEmpty();
    }

    /// Keeps a command that has ended until its queue has room.
    void keep(Command command) {
        int id = command.queue().completions().id();
        CommandList list = kept[id];
        if (list == null) {
            list = new CommandList();
            kept[id] = list;
        }
        list.add(command);
    }

    /// Everything that is kept, four numbers each.
    long[] waiting() {
        LongStream.Builder all = LongStream.builder();
        for (CommandList list : kept) {
            Command each = list == null ? null : list.peek();
            for (; each != null; each = each.next) {
                all.add(each.queue().id())
                        .add(each.entry().commandId())
                        .add(each.status())
                        .add(each.result());
            }
        }
        return all.build().toArray();
    }

    /// The next command that was kept and for which there is room now, or null.
    @Nullable Command next(CompletionQueue queue) {
        CommandList list = kept[queue.id()];
        return list != null && queue.hasRoom() ? list.poll() : null;
    }

    /// Writes the completion of a command; its queue has room.
    ///
    /// @return done when it is in guest memory
    /// @throws io.vfiouser.device.outcome.DeviceException if the ring cannot be reached
    Completion post(Command command) {
        SubmissionQueue from = command.queue();
        CompletionQueue queue = from.completions();
        Completion posted =
                queue.post(
                        command.result(),
                        from.head(),
                        from.id(),
                        command.entry().commandId(),
                        command.status());
        if (posted instanceof Completion.Done) {
            written(queue);
        }
        return posted;
    }

    /// An entry of a queue is in guest memory.
    void written(CompletionQueue queue) {
        if (!queue.isInterruptDue()) {
            queue.setInterruptDue(true);
            if (dueCount == due.length) { // also queues that were deleted since, and made anew
                due = Arrays.copyOf(due, 2 * dueCount);
            }
            due[dueCount++] = queue;
        }
    }

    /// Whether the host listens to the pin, whose level needs to know what the host has seen.
    boolean usesPin() {
        return interrupts.usesPin();
    }

    /// The host has seen entries of a queue.
    void seen(CompletionQueue queue) {
        interrupts.seen(queue);
    }

    /// Interrupts for everything that was written.
    ///
    /// @param doorbells where the host may leave the heads of its queues
    /// @return whether there was anything
    boolean interrupt(HostDoorbells doorbells) {
        boolean any = dueCount > 0;
        for (int i = 0; i < dueCount; i++) {
            CompletionQueue queue = Objects.requireNonNull(due[i]);
            due[i] = null;
            queue.setInterruptDue(false);
            if (interrupts.usesPin()) {
                doorbells.look(queue); // so that the host rings for this head
            }
            interrupts.signal(queue);
        }
        dueCount = 0;
        return any;
    }

    /// Sends the interrupts that wait for more entries.
    void interruptNow() {
        interrupts.signalHeldBack();
    }

    /// Drops what was kept for a submission queue.
    void forget(SubmissionQueue queue, Consumer<Command> dropped) {
        CommandList list = kept[queue.completions().id()];
        if (list == null) {
            return;
        }
        var others = new CommandList();
        for (Command each = list.poll(); each != null; each = list.poll()) {
            if (each.isOfQueue(queue)) {
                dropped.accept(each);
            } else {
                others.add(each);
            }
        }
        kept[queue.completions().id()] = others;
    }

    /// Drops everything.
    void reset(Consumer<Command> dropped) {
        for (int id = 0; id < kept.length; id++) {
            CommandList list = kept[id];
            while (list != null && !list.isEmpty()) {
                dropped.accept(Objects.requireNonNull(list.poll()));
            }
            kept[id] = null;
        }
        while (dueCount > 0) {
            CompletionQueue queue = Objects.requireNonNull(due[--dueCount]);
            queue.setInterruptDue(false);
            due[dueCount] = null;
        }
    }
}
