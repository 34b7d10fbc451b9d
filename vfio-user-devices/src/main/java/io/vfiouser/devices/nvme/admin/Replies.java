package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.CommandHandler;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestCopy;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;

/// Data of admin commands, to the host and from it.
final class Replies {
    private final AdminContext context;
    private final Engine engine;

    Replies(AdminContext context) {
        this.context = context;
        this.engine = context.engine();
    }

    /// Ends a command successfully with data for the host.
    void send(Command command, MemorySegment data) {
        command.setBuffer(data);
        context.mapper().map(command, data.byteSize(), this::copy);
    }

    /// Gets the data of a command.
    ///
    /// @param size bytes
    /// @param then goes on, with the data in the command's buffer
    void receive(Command command, int size, CommandHandler then) {
        command.setBuffer(NativeMemory.allocate(size));
        context.mapper()
                .map(
                        command,
                        size,
                        mapped ->
                                engine.after(
                                        GuestCopy.fromGuest(
                                                context.windows().memory(),
                                                mapped.extents(),
                                                mapped.buffer()),
                                        mapped,
                                        then));
    }

    private void copy(Command command) {
        engine.after(
                GuestCopy.toGuest(context.windows().memory(), command.extents(), command.buffer()),
                command,
                done -> engine.finish(done, Status.SUCCESS));
    }
}
