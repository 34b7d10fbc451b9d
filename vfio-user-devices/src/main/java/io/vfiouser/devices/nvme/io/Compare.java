package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestCopy;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import java.lang.foreign.MemorySegment;

/// Compare (NVMe 1.4: "Compare command"): the stored blocks against a copy of the host's data.
final class Compare {
    private final IoContext context;
    private final Engine engine;
    private final DataMapper mapper;
    private final GuestWindows windows;
    private final Health health;

    Compare(IoContext context) {
        this.context = context;
        this.engine = context.engine();
        this.mapper = context.mapper();
        this.windows = context.windows();
        this.health = context.health();
    }

    void start(Command command) {
        int status = BlockRange.check(command, Limits.MAX_TRANSFER);
        if (status == Status.SUCCESS) {
            mapper.map(command, BlockRange.length(command), this::mapped);
        } else {
            engine.finish(command, status);
        }
    }

    private void mapped(Command command) {
        engine.withBuffer(command, 2 * BlockRange.length(command), this::copy);
    }

    /// The buffer has the host's data in its first half, the stored blocks in its second.
    private void copy(Command command) {
        long length = BlockRange.length(command);
        MemorySegment hostData = command.buffer().asSlice(0, length);
        engine.after(
                GuestCopy.fromGuest(windows.memory(), command.extents(), hostData),
                command,
                this::read);
    }

    private void read(Command command) {
        long length = BlockRange.length(command);
        command.read(BlockRange.offset(command), length)
                .data()
                .add(command.buffer(), length, length);
        engine.submit(command, this::compare);
    }

    private void compare(Command command, BlockStatus status) {
        if (!status.isOk()) {
            context.end(command, status, false);
            return;
        }
        MemorySegment buffer = command.buffer();
        long length = buffer.byteSize() / 2;
        health.read(length);
        boolean same = MemorySegment.mismatch(buffer, 0, length, buffer, length, 2 * length) < 0;
        engine.finish(command, same ? Status.SUCCESS : Status.COMPARE_FAILURE);
    }
}
