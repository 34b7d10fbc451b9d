package io.vfiouser.devices.testdev;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.devices.testdev.BufferedCopy.Transfer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;

/// The DMA register of [TestDevice]: a write is a [DmaCommand], answered when its work is done.
///
/// Errors: `EINVAL` for a command that is out of range, `EBUSY` while another one runs, `ENOENT`
/// for an address in no region, `EACCES` for a region without the permission. A copy that fails may
/// have copied its beginning.
final class DmaEngine implements RegionHandler {
    private DeviceContext context = DeviceContext.UNATTACHED;
    private Completion running = Completion.DONE;
    private MemorySegment buffer = MemorySegment.NULL;
    private long lastNanos;

    /// Begins anew, with another client's memory.
    void attach(DeviceContext context) {
        this.context = context;
        this.running = Completion.DONE;
        this.buffer = MemorySegment.NULL;
    }

    /// Forgets the time of the last command.
    void reset() {
        lastNanos = 0;
    }

    /// Done when no command runs any more, however it ended.
    Completion finish() {
        return isRunning()
                ? Completion.after(running.stage().handle((_, _) -> Completion.DONE))
                : Completion.DONE;
    }

    /// Nanoseconds that the last command took, also if it failed.
    long lastNanos() {
        return lastNanos;
    }

    /// The register is only written.
    @Override
    public Completion read(long offset, MemorySegment into) {
        into.fill((byte) 0);
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        if (isRunning()) {
            throw new DeviceException(Errno.EBUSY, "DMA: runs already (expected: idle)");
        }
        DmaCommand command = DmaCommand.read(from);
        long start = System.nanoTime();
        try {
            running = start(command);
        } finally {
            lastNanos = System.nanoTime() - start;
        }
        return switch (running) {
            case Completion.Done done -> done;
            case Completion.Pending(var stage) ->
                    Completion.after(stage.whenComplete((_, _) -> ended(start)));
        };
    }

    private boolean isRunning() {
        return running instanceof Completion.Pending;
    }

    private Completion start(DmaCommand command) {
        if (command.length() == 0) {
            return Completion.DONE;
        }
        GuestMemory memory = context.memory();
        return switch (command.operation()) {
            case DmaCommand.TRANSLATE -> SlicedWork.run(context, new Translations(memory, command));
            case DmaCommand.COPY_BY_MESSAGE ->
                    buffered(command, memory::readByMessage, memory::writeByMessage);
            default ->
                    isDirect(memory, command)
                            ? SlicedWork.run(context, new DirectCopy(memory, command))
                            : buffered(command, memory::read, memory::write);
        };
    }

    private static boolean isDirect(GuestMemory memory, DmaCommand command) {
        long length = command.length();
        return memory.isDirect(command.source(), length, AccessMode.READ)
                && memory.isDirect(command.destination(), length, AccessMode.WRITE);
    }

    private Completion buffered(DmaCommand command, Transfer read, Transfer write) {
        long size = Math.min(command.length(), BufferedCopy.MAX_PIECE);
        if (buffer.byteSize() < size) {
            buffer = NativeMemory.allocate(size);
        }
        return new BufferedCopy(command, read, write, buffer).run();
    }

    private void ended(long start) {
        running = Completion.DONE;
        lastNanos = System.nanoTime() - start;
    }
}
