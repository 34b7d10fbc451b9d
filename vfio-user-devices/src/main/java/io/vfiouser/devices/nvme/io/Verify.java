package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.spec.Status;

/// Verify (NVMe 1.4: "Verify command"): reads the blocks, piece by piece, and gives the data to
/// nobody.
final class Verify {
    private static final long PIECE = 1 << 17;

    private final IoContext context;
    private final Engine engine;

    Verify(IoContext context) {
        this.context = context;
        this.engine = context.engine();
    }

    void start(Command command) {
        int status = BlockRange.check(command, Long.MAX_VALUE);
        if (status != Status.SUCCESS) {
            engine.finish(command, status);
            return;
        }
        engine.withBuffer(command, Math.min(PIECE, BlockRange.length(command)), this::next);
    }

    private void next(Command command) {
        long done = command.cursor();
        long size = Math.min(PIECE, BlockRange.length(command) - done);
        command.setCursor(done + size);
        command.read(BlockRange.offset(command) + done, size).data().add(command.buffer(), 0, size);
        engine.submit(command, this::read);
    }

    private void read(Command command, BlockStatus status) {
        if (status.isOk() && command.cursor() < BlockRange.length(command)) {
            next(command);
        } else {
            context.end(command, status, false);
        }
    }
}
