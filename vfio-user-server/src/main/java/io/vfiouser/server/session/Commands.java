package io.vfiouser.server.session;

import io.vfiouser.protocol.Command;

/// Names of commands for logs.
final class Commands {
    private Commands() {}

    static String name(int command) {
        return Command.of(command).map(Enum::name).orElse("command " + command);
    }
}
