package io.vfiouser.devices.nvme.io;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestCopy;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.spec.Status;
import java.lang.foreign.MemorySegment;

/// Dataset Management (NVMe 1.4: "Dataset Management command"): deallocates up to 256 ranges, one
/// after the other; the hints about use are taken and ignored.
final class Deallocate {
    private static final int RANGE_SIZE = 16;
    private static final int RANGES_MASK = 0xff;
    private static final int DEALLOCATE = 1 << 2;

    private final IoContext context;
    private final Engine engine;
    private final DataMapper mapper;
    private final GuestWindows windows;

    Deallocate(IoContext context) {
        this.context = context;
        this.engine = context.engine();
        this.mapper = context.mapper();
        this.windows = context.windows();
    }

    void start(Command command) {
        mapper.map(command, (long) ranges(command) * RANGE_SIZE, this::mapped);
    }

    private void mapped(Command command) {
        engine.withBuffer(command, command.extents().total(), this::copy);
    }

    private void copy(Command command) {
        MemorySegment list = command.buffer();
        engine.after(
                GuestCopy.fromGuest(windows.memory(), command.extents(), list),
                command,
                this::check);
    }

    /// All ranges are checked before the first one changes.
    private void check(Command command) {
        Namespace namespace = command.namespace();
        for (int i = 0; i < ranges(command); i++) {
            long blocks = blocks(command, i);
            if (blocks != 0 && !namespace.has(first(command, i), blocks)) {
                engine.finish(command, Status.LBA_OUT_OF_RANGE);
                return;
            }
        }
        if ((command.entry().cdw11() & DEALLOCATE) == 0) {
            engine.finish(command, Status.SUCCESS);
        } else if (namespace.properties().readOnly()) {
            engine.finish(command, Status.NAMESPACE_WRITE_PROTECTED);
        } else {
            next(command, BlockStatus.OK);
        }
    }

    private void next(Command command, BlockStatus status) {
        int index = (int) command.cursor();
        while (index < ranges(command) && blocks(command, index) == 0) {
            index++;
        }
        if (!status.isOk() || index == ranges(command)) {
            context.end(command, status, true);
            return;
        }
        command.setCursor(index + 1L);
        Namespace namespace = command.namespace();
        command.deallocate(
                namespace.offset(first(command, index)),
                blocks(command, index) << namespace.blockShift());
        engine.submit(command, this::next);
    }

    private static int ranges(Command command) {
        return (command.entry().cdw10() & RANGES_MASK) + 1;
    }

    private static long blocks(Command command, int index) {
        return command.buffer().get(LittleEndian.INT, (long) index * RANGE_SIZE + 4) & 0xffff_ffffL;
    }

    private static long first(Command command, int index) {
        return command.buffer().get(LittleEndian.LONG, (long) index * RANGE_SIZE + 8);
    }
}
