package io.vfiouser.devices.nvme.engine;

import org.jspecify.annotations.Nullable;

/// Commands to be used again. It grows as more are at work at a time, up to a limit at which the
/// queues wait.
final class CommandPool {
    private static final int MAX_COMMANDS = 1024;

    private final Engine engine;
    private final CommandList spare = new CommandList();
    private int made;

    CommandPool(Engine engine) {
        this.engine = engine;
    }

    /// One that nobody uses, or null if there are too many at work.
    @Nullable Command take() {
        Command command = spare.poll();
        if (command == null && made < MAX_COMMANDS) {
            made++;
            return new Command(engine);
        }
        return command;
    }

    void give(Command command) {
        command.clear();
        spare.add(command);
    }
}
