package io.vfiouser.devices.nvme.engine;

import org.jspecify.annotations.Nullable;

/// Commands in the order in which they came, linked through themselves.
final class CommandList {
    private @Nullable Command first;
    private @Nullable Command last;

    boolean isEmpty() {
        return first == null;
    }

    @Nullable Command peek() {
        return first;
    }

    void add(Command command) {
        command.next = null;
        Command end = last;
        if (end == null) {
            first = command;
        } else {
            end.next = command;
        }
        last = command;
    }

    @Nullable Command poll() {
        Command taken = first;
        if (taken != null) {
            first = taken.next;
            taken.next = null;
            if (first == null) {
                last = null;
            }
        }
        return taken;
    }
}
