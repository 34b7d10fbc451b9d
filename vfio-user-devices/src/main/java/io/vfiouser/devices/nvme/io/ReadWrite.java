package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.CommandHandler;
import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.engine.Step;
import io.vfiouser.devices.nvme.guest.Extents;
import io.vfiouser.devices.nvme.guest.GuestCopy;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/// Read and Write (NVMe 1.4: "Read command", "Write command"): straight between guest memory and
/// storage where the memory is mapped here, else through a buffer.
///
/// The steps are made once, so that a command makes no objects.
final class ReadWrite {
    private final IoContext context;
    private final Engine engine;
    private final DataMapper mapper;
    private final GuestWindows windows;
    private final Health health;
    private final BooleanSupplier writeCache;

    private final Step readFlushed = this::readFlushed;
    private final CommandHandler readMapped = this::readMapped;
    private final Step readDone = this::readDone;
    private final CommandHandler readBuffered = this::readBuffered;
    private final Step bufferRead = this::bufferRead;
    private final CommandHandler writeMapped = this::writeMapped;
    private final CommandHandler writeBuffered = this::writeBuffered;
    private final CommandHandler bufferFilled = this::bufferFilled;
    private final Step writeDone = this::writeDone;

    ReadWrite(IoContext context) {
        this.context = context;
        this.engine = context.engine();
        this.mapper = context.mapper();
        this.windows = context.windows();
        this.health = context.health();
        this.writeCache = context.writeCache();
    }

    void read(Command command) {
        int status = BlockRange.check(command, Limits.MAX_TRANSFER);
        if (status != Status.SUCCESS) {
            engine.finish(command, status);
        } else if (BlockRange.isForced(command.entry())
                && command.namespace().properties().volatileWriteCache()) {
            command.flush();
            engine.submit(command, readFlushed);
        } else {
            mapper.map(command, BlockRange.length(command), readMapped);
        }
    }

    void write(Command command) {
        int status = BlockRange.check(command, Limits.MAX_TRANSFER);
        if (status == Status.SUCCESS && command.namespace().properties().readOnly()) {
            status = Status.NAMESPACE_WRITE_PROTECTED;
        }
        if (status == Status.SUCCESS) {
            mapper.map(command, BlockRange.length(command), writeMapped);
        } else {
            engine.finish(command, status);
        }
    }

    private void readFlushed(Command command, BlockStatus status) {
        if (status.isOk()) {
            mapper.map(command, BlockRange.length(command), readMapped);
        } else {
            context.end(command, status, false);
        }
    }

    private void readMapped(Command command) {
        prepareRead(command);
        if (windows.resolve(command.extents(), true, command.data())) {
            engine.submit(command, readDone);
            return;
        }
        if (!isMapped(command, true)) {
            engine.finish(command, Status.DATA_TRANSFER_ERROR);
            return;
        }
        engine.withBuffer(command, BlockRange.length(command), readBuffered);
    }

    private void readBuffered(Command command) {
        prepareRead(command);
        useBuffer(command);
        engine.submit(command, bufferRead);
    }

    private void readDone(Command command, BlockStatus status) {
        if (status.isOk()) {
            Extents extents = command.extents();
            for (int i = 0; i < extents.count(); i++) {
                windows.written(extents.iova(i), extents.length(i));
            }
            health.read(extents.total());
        }
        context.end(command, status, false);
    }

    private void bufferRead(Command command, BlockStatus status) {
        if (!status.isOk()) {
            context.end(command, status, false);
            return;
        }
        health.read(command.extents().total());
        engine.after(
                GuestCopy.toGuest(windows.memory(), command.extents(), command.buffer()),
                command,
                done -> engine.finish(done, Status.SUCCESS));
    }

    private void writeMapped(Command command) {
        prepareWrite(command);
        if (windows.resolve(command.extents(), false, command.data())) {
            engine.submit(command, writeDone);
            return;
        }
        if (!isMapped(command, false)) {
            engine.finish(command, Status.DATA_TRANSFER_ERROR);
            return;
        }
        engine.withBuffer(command, BlockRange.length(command), writeBuffered);
    }

    private void writeBuffered(Command command) {
        prepareWrite(command);
        MemorySegment buffer = useBuffer(command);
        engine.after(
                GuestCopy.fromGuest(windows.memory(), command.extents(), buffer),
                command,
                bufferFilled);
    }

    private void bufferFilled(Command command) {
        engine.submit(command, writeDone);
    }

    private void writeDone(Command command, BlockStatus status) {
        if (status.isOk()) {
            health.written(command.extents().total());
        }
        context.end(command, status, true);
    }

    private static void prepareRead(Command command) {
        command.read(BlockRange.offset(command), BlockRange.length(command));
    }

    private void prepareWrite(Command command) {
        boolean fua = BlockRange.isForced(command.entry()) || !writeCache.getAsBoolean();
        command.write(BlockRange.offset(command), BlockRange.length(command), fua);
    }

    private static MemorySegment useBuffer(Command command) {
        MemorySegment buffer = command.buffer();
        command.data().add(buffer, 0, buffer.byteSize());
        return buffer;
    }

    private boolean isMapped(Command command, boolean write) {
        Extents extents = command.extents();
        for (int i = 0; i < extents.count(); i++) {
            if (!windows.isMapped(extents.iova(i), extents.length(i), write)) {
                return false;
            }
        }
        return true;
    }
}
