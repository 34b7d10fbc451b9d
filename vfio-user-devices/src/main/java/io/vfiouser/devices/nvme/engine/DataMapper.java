package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.nvme.guest.DataPointer;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.guest.Window;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;

/// Finds out which guest memory a command means, lists in guest memory included.
public final class DataMapper {
    private final Engine engine;
    private final GuestWindows windows;
    private final MemorySegment list = NativeMemory.allocate(DataPointer.MAX_LIST);
    private DataPointer pointer = new DataPointer();
    private int pageSize = 1 << 12;

    /// A mapper for the commands of an engine.
    public DataMapper(Engine engine, GuestWindows windows) {
        this.engine = engine;
        this.windows = windows;
    }

    /// Sets the bytes of a memory page, as the host has chosen them.
    public void setPageSize(int pageSize) {
        this.pageSize = pageSize;
    }

    /// Bytes of a memory page.
    public int pageSize() {
        return pageSize;
    }

    /// Fills the extents of a command.
    ///
    /// @param length bytes of data
    /// @param then goes on with the command; not called if its data pointer is wrong, which ends it
    public void map(Command command, long length, CommandHandler then) {
        SubmissionEntry entry = command.entry();
        int status =
                pointer.begin(
                        entry.psdt(),
                        entry.prp1(),
                        entry.prp2(),
                        length,
                        pageSize,
                        command.extents());
        while (status == Status.SUCCESS && pointer.listLength() > 0) {
            long address = pointer.listAddress();
            int size = pointer.listLength();
            Window window = windows.direct(address, size, false);
            if (window == null) {
                DataPointer walk = pointer;
                pointer = new DataPointer();
                mapByCopy(walk, command, then);
                return;
            }
            MemorySegment.copy(window.segment(), address - window.iova(), list, 0, size);
            MemoryFaults.deliverPending();
            status = pointer.take(list);
        }
        end(status, command, then);
    }

    private void mapByCopy(DataPointer walk, Command command, CommandHandler then) {
        MemorySegment copy = NativeMemory.allocate(walk.listLength());
        Completion read = windows.memory().read(walk.listAddress(), copy);
        engine.after(
                read,
                command,
                _ -> {
                    int status = walk.take(copy);
                    if (status == Status.SUCCESS && walk.listLength() > 0) {
                        mapByCopy(walk, command, then);
                    } else {
                        end(status, command, then);
                    }
                });
    }

    private void end(int status, Command command, CommandHandler then) {
        if (status == Status.SUCCESS) {
            then.handle(command);
        } else {
            engine.finish(command, status);
        }
    }
}
