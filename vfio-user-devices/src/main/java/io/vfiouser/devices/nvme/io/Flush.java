package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.engine.Step;
import io.vfiouser.devices.nvme.namespace.Namespaces;

/// Flush (NVMe 1.4: "Flush command"), of one namespace or of all.
final class Flush {
    private final IoContext context;
    private final Engine engine;
    private final Namespaces namespaces;
    private final Step done = this::done;
    private final Step next = this::next;

    Flush(IoContext context) {
        this.context = context;
        this.engine = context.engine();
        this.namespaces = context.namespaces();
    }

    void one(Command command) {
        command.flush();
        engine.submit(command, done);
    }

    void all(Command command) {
        next(command, BlockStatus.OK);
    }

    private void next(Command command, BlockStatus status) {
        int index = (int) command.cursor();
        if (!status.isOk() || index == namespaces.count()) {
            done(command, status);
            return;
        }
        command.setCursor(index + 1L);
        command.setNamespace(namespaces.at(index));
        command.flush();
        engine.submit(command, next);
    }

    private void done(Command command, BlockStatus status) {
        context.end(command, status, true);
    }
}
