package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockRequest;
import java.util.ArrayDeque;

/// Transfers and commands that are used again and again, so that a request makes none. On the loop.
final class NbdPool {
    private static final int KEPT = 1024;

    private final ArrayDeque<NbdTransfer> transfers = new ArrayDeque<>();
    private final ArrayDeque<NbdCommand> commands = new ArrayDeque<>();

    /// A transfer of no commands yet.
    ///
    /// @param flushAfter whether a flush has to follow what is written
    NbdTransfer transfer(BlockRequest request, long submittedNanos, boolean flushAfter) {
        NbdTransfer free = transfers.poll();
        NbdTransfer transfer = free == null ? new NbdTransfer() : free;
        transfer.begin(request, submittedNanos, flushAfter);
        return transfer;
    }

    /// A command of a transfer; see [NbdCommand#begin].
    NbdCommand command(
            NbdTransfer transfer, int type, int flags, long from, long length, boolean zeros) {
        NbdCommand free = commands.poll();
        NbdCommand command = free == null ? new NbdCommand() : free;
        transfer.commandAdded();
        command.begin(transfer, type, flags, from, length, zeros);
        return command;
    }

    /// Takes back a command that nobody refers to any more.
    void give(NbdCommand command) {
        command.end();
        if (commands.size() < KEPT) {
            commands.add(command);
        }
    }

    /// Completes the request of a transfer, and takes the transfer back.
    void complete(NbdTransfer transfer) {
        BlockRequest request = transfer.request();
        var status = transfer.status();
        transfer.end();
        if (transfers.size() < KEPT) {
            transfers.add(transfer);
        }
        request.complete(status);
    }
}
