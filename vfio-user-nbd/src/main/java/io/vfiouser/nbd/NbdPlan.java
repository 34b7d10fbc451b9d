package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockRequest;
import java.util.ArrayDeque;

/// Turns block requests into the commands that an export takes.
final class NbdPlan {
    /// A multiple of every block size that goes into 32 bits.
    private static final long MAX_UNLIMITED = 1L << 30;

    private final NbdExport export;
    private final NbdPool pool;

    NbdPlan(NbdExport export, NbdPool pool) {
        this.export = export;
        this.pool = pool;
    }

    /// Adds the commands for a request, or completes it if there is nothing to do.
    void plan(BlockRequest request, long nowNanos, ArrayDeque<NbdCommand> into) {
        boolean fua = request.fua() && export.has(NbdWire.SEND_FUA);
        boolean flushAfter =
                request.fua()
                        && request.operation().modifies()
                        && !fua
                        && export.has(NbdWire.SEND_FLUSH);
        NbdTransfer transfer = pool.transfer(request, nowNanos, flushAfter);
        int flags = fua ? NbdWire.CMD_FLAG_FUA : 0;
        switch (request.operation()) {
            case READ -> split(transfer, NbdWire.CMD_READ, 0, false, into);
            case WRITE -> split(transfer, NbdWire.CMD_WRITE, flags, false, into);
            case FLUSH -> {
                if (export.has(NbdWire.SEND_FLUSH)) {
                    into.add(flush(transfer));
                } else {
                    pool.complete(transfer);
                }
            }
            case DEALLOCATE -> {
                if (export.has(NbdWire.SEND_TRIM)) {
                    split(transfer, NbdWire.CMD_TRIM, flags, false, into);
                } else {
                    pool.complete(transfer);
                }
            }
            case WRITE_ZEROES -> {
                if (export.has(NbdWire.SEND_WRITE_ZEROES)) {
                    int hole = request.mayDeallocate() ? 0 : NbdWire.CMD_FLAG_NO_HOLE;
                    split(transfer, NbdWire.CMD_WRITE_ZEROES, flags | hole, false, into);
                } else {
                    split(transfer, NbdWire.CMD_WRITE, flags, true, into);
                }
            }
        }
    }

    /// One more command of a transfer, which flushes.
    NbdCommand flush(NbdTransfer transfer) {
        return pool.command(transfer, NbdWire.CMD_FLUSH, 0, 0, 0, false);
    }

    private void split(
            NbdTransfer transfer, int type, int flags, boolean zeros, ArrayDeque<NbdCommand> into) {
        long length = transfer.request().length();
        if (length == 0) {
            pool.complete(transfer);
            return;
        }
        boolean limited = type == NbdWire.CMD_READ || type == NbdWire.CMD_WRITE;
        long most = limited ? export.maximum() : MAX_UNLIMITED;
        for (long from = 0; from < length; from += most) {
            long part = Math.min(most, length - from);
            into.add(pool.command(transfer, type, flags, from, part, zeros));
        }
    }
}
