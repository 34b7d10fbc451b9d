package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.namespace.LbaFormat;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/// Format NVM (NVMe 1.4: "Format NVM command"): another block size for one namespace or all, whose
/// data become zeros.
final class FormatCommand {
    private static final long PIECE = 1L << 26;
    private static final int ERASE_USER_DATA = 1;
    static final int STATE_FIELDS = 5;

    private final Engine engine;
    private final Namespaces namespaces;
    private final List<Command> held = new ArrayList<>(0);

    FormatCommand(AdminContext context) {
        this.engine = context.engine();
        this.namespaces = context.namespaces();
    }

    void handle(Command command) {
        int status = check(command);
        if (status == Status.SUCCESS) {
            begin(command, firstOf(command));
        } else {
            engine.finish(command, status);
        }
    }

    /// Goes on with what was held while guest memory was not to be touched.
    void resume() {
        List<Command> all = List.copyOf(held);
        held.clear();
        for (Command command : all) {
            engine.resume(command);
            erase(command, BlockStatus.OK);
        }
        engine.request();
    }

    /// Drops what is held.
    void reset() {
        for (Command command : held) {
            command.namespace().setFormatting(false);
            engine.drop(command);
        }
        held.clear();
    }

    /// What is held, for migration: command id, namespace id, settings, the namespace it is at, and
    /// how far it got there, [#STATE_FIELDS] numbers each.
    long[] state() {
        LongStream.Builder all = LongStream.builder();
        for (Command command : held) {
            all.add(command.entry().commandId())
                    .add(command.entry().namespaceId())
                    .add(command.entry().cdw10())
                    .add(command.namespace().id())
                    .add(command.cursor());
        }
        return all.build().toArray();
    }

    /// Takes over what [#state()] gave in another process.
    ///
    /// @param adopt makes an admin command of a command id
    void restore(long[] state, IntFunction<Command> adopt) {
        for (int i = 0; i < state.length; i += STATE_FIELDS) {
            Command command = adopt.apply((int) state[i]);
            command.entry().setTarget((int) state[i + 1], (int) state[i + 2]);
            Namespace namespace = namespaces.at((int) state[i + 3] - 1);
            command.setNamespace(namespace);
            command.setCursor(state[i + 4]);
            namespace.setFormatting(true);
            engine.park(command);
            held.add(command);
        }
    }

    private int check(Command command) {
        int id = command.entry().namespaceId();
        int settings = command.entry().cdw10();
        int format = settings & 0xf;
        if (id != Limits.BROADCAST_NAMESPACE && namespaces.find(id) == null) {
            return Status.INVALID_NAMESPACE;
        }
        if (format >= LbaFormat.COUNT || (settings >>> 5 & 7) != 0) {
            return Status.INVALID_FORMAT;
        }
        if ((settings >>> 9 & 7) > ERASE_USER_DATA) {
            return Status.INVALID_FIELD;
        }
        for (int i = firstOf(command); i < endOf(command); i++) {
            Namespace namespace = namespaces.at(i);
            if (!namespace.takes(LbaFormat.shift(format))) {
                return Status.INVALID_FORMAT;
            }
            if (namespace.properties().readOnly()) {
                return Status.NAMESPACE_WRITE_PROTECTED;
            }
            if (namespace.isFormatting()) {
                return Status.FORMAT_IN_PROGRESS;
            }
        }
        return Status.SUCCESS;
    }

    private void begin(Command command, int index) {
        Namespace namespace = namespaces.at(index);
        command.setNamespace(namespace);
        command.setCursor(0);
        namespace.setFormatting(true);
        engine.whenOnlyOf(command, () -> erase(command, BlockStatus.OK));
    }

    private void erase(Command command, BlockStatus status) {
        Namespace namespace = command.namespace();
        long offset = command.cursor();
        long left = namespace.size() - offset;
        if (!status.isOk()) {
            namespace.setFormatting(false);
            engine.finish(command, Status.WRITE_FAULT);
        } else if (engine.isStopped()) {
            namespace.setFormatting(false); // a reset does not wait for the rest
            engine.finish(command, Status.INTERNAL_ERROR);
        } else if (engine.isQuiet()) {
            engine.park(command);
            held.add(command);
        } else if (left <= 0) {
            end(command);
        } else {
            long size = Math.min(PIECE, left);
            command.setCursor(offset + size);
            command.writeZeroes(namespace.start() + offset, size, false, true);
            engine.submit(command, this::erase);
        }
    }

    private void end(Command command) {
        Namespace namespace = command.namespace();
        namespace.setFormatting(false);
        namespace.format(LbaFormat.shift(command.entry().cdw10() & 0xf));
        int next = namespace.id();
        if (next < endOf(command)) {
            begin(command, next);
        } else {
            engine.finish(command, Status.SUCCESS);
        }
    }

    private int firstOf(Command command) {
        int id = command.entry().namespaceId();
        return id == Limits.BROADCAST_NAMESPACE ? 0 : id - 1;
    }

    private int endOf(Command command) {
        int id = command.entry().namespaceId();
        return id == Limits.BROADCAST_NAMESPACE ? namespaces.count() : id;
    }
}
