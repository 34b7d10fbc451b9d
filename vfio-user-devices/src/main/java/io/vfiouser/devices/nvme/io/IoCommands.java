package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.CommandHandler;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.spec.IoOpcode;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;

/// Does the commands of I/O queues (NVMe 1.4: "NVM Command Set").
public final class IoCommands implements CommandHandler {
    private final Engine engine;
    private final Namespaces namespaces;
    private final ReadWrite readWrite;
    private final Compare compare;
    private final Verify verify;
    private final WriteZeroes writeZeroes;
    private final Deallocate deallocate;
    private final Flush flush;

    /// The commands of one controller.
    public IoCommands(IoContext context) {
        this.engine = context.engine();
        this.namespaces = context.namespaces();
        this.readWrite = new ReadWrite(context);
        this.compare = new Compare(context);
        this.verify = new Verify(context);
        this.writeZeroes = new WriteZeroes(context);
        this.deallocate = new Deallocate(context);
        this.flush = new Flush(context);
    }

    @Override
    public void handle(Command command) {
        int opcode = command.entry().opcode();
        int id = command.entry().namespaceId();
        if (opcode == IoOpcode.FLUSH && id == Limits.BROADCAST_NAMESPACE) {
            flush.all(command);
            return;
        }
        if (!isKnown(opcode)) {
            engine.finish(command, Status.INVALID_OPCODE);
            return;
        }
        Namespace namespace = namespaces.find(id);
        if (namespace == null) {
            engine.finish(command, Status.INVALID_NAMESPACE);
            return;
        }
        if (namespace.isFormatting()) {
            engine.finish(command, Status.FORMAT_IN_PROGRESS);
            return;
        }
        command.setNamespace(namespace);
        start(opcode, command);
    }

    private void start(int opcode, Command command) {
        switch (opcode) {
            case IoOpcode.READ -> readWrite.read(command);
            case IoOpcode.WRITE -> readWrite.write(command);
            case IoOpcode.FLUSH -> flush.one(command);
            case IoOpcode.COMPARE -> compare.start(command);
            case IoOpcode.VERIFY -> verify.start(command);
            case IoOpcode.WRITE_ZEROES -> writeZeroes.start(command);
            default -> deallocate.start(command);
        }
    }

    private static boolean isKnown(int opcode) {
        return switch (opcode) {
            case IoOpcode.READ,
                    IoOpcode.WRITE,
                    IoOpcode.FLUSH,
                    IoOpcode.COMPARE,
                    IoOpcode.VERIFY,
                    IoOpcode.WRITE_ZEROES,
                    IoOpcode.DATASET_MANAGEMENT ->
                    true;
            default -> false;
        };
    }
}
