package io.vfiouser.client;

import io.vfiouser.protocol.Command;

/// Names of commands for messages to people.
final class CommandNames {
    private CommandNames() {}

    /// The name without `VFIO_USER_`, or the number of a command that we do not know.
    static String name(int commandId) {
        return Command.of(commandId)
                .map(Command::name)
                .orElseGet(() -> "command 0x" + Integer.toHexString(commandId));
    }
}
