package io.vfiouser.devices.nvme.engine;

import org.jspecify.annotations.Nullable;

/// Commands to be used again. It grows as more are at work at a time, up to a limit at which the
/// queues wait, and keeps a number of them when less are.
final class CommandPool {
    private static final int MAX_COMMANDS = 1024;
    private static final int KEPT_COMMANDS = 256;

    private final Engine engine;
    private final CommandList spare = new CommandList();
    private int made;
    private int spares;

    CommandPool(Engine engine) {
        this.engine = engine;
    }

    /// One that nobody uses, or null if there are too many at work.
    @Nullable Command take() {
        return spares > 0 || made < MAX_COMMANDS ? takeAnyway() : null;
    }

    /// One that nobody uses, also if there are too many: for what a controller has to do itself.
    Command takeAnyway() {
        Command command = spare.poll();
        if (command == null) {
            made++;
            return new Command(engine);
        }
        spares--;
        return command;
    }

    void give(Command command) {
        if (spares == KEPT_COMMANDS) {
            made--;
            command.clear();
            return;
        }
        command.clear();
        spare.add(command);
        spares++;
    }
}
