package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.engine.Step;
import io.vfiouser.devices.nvme.spec.Status;
import java.util.function.BooleanSupplier;

/// Write Zeroes (NVMe 1.4: "Write Zeroes command").
final class WriteZeroes {
    private static final int DEALLOCATE = 1 << 25;

    private final IoContext context;
    private final Engine engine;
    private final BooleanSupplier writeCache;
    private final Step done = this::done;

    WriteZeroes(IoContext context) {
        this.context = context;
        this.engine = context.engine();
        this.writeCache = context.writeCache();
    }

    void start(Command command) {
        int status = BlockRange.check(command, Long.MAX_VALUE);
        if (status != Status.SUCCESS) {
            engine.finish(command, status);
            return;
        }
        boolean fua = BlockRange.isForced(command.entry()) || !writeCache.getAsBoolean();
        command.writeZeroes(
                BlockRange.offset(command),
                BlockRange.length(command),
                fua,
                (command.entry().cdw12() & DEALLOCATE) != 0);
        engine.submit(command, done);
    }

    private void done(Command command, BlockStatus status) {
        context.end(command, status, true);
    }
}
