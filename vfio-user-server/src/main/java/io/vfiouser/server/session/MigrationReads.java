package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.migration.StateRead;
import java.lang.foreign.MemorySegment;

/// MIG_DATA_READ: saved state, which the device writes into the reply itself (spec:
/// "VFIO_USER_MIG_DATA_READ").
final class MigrationReads {
    private static final int READ = Command.MIG_DATA_READ.id();
    private static final int FIXED_SIZE = WireFormat.HEADER_SIZE + WireFormat.MIG_DATA_SIZE;

    private final Session session;
    private final MigrationMachine migration;
    private final int maxSize;

    /// @param maxSize bytes of data given in one message
    MigrationReads(Session session, MigrationMachine migration, int maxSize) {
        this.session = session;
        this.migration = migration;
        this.maxSize = maxSize;
    }

    /// Runs a MIG_DATA_READ.
    ///
    /// @param frame the whole message, borrowed
    void read(ByteBuf frame, int messageId, boolean noReply) {
        int size = ((MigDataRead) MessageDecoder.clientRequest(frame)).size();
        if (size > maxSize) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "size: " + size + " (expected: at most max_data_xfer_size, " + maxSize + ")");
        }
        ByteBuf reply = session.buffer(FIXED_SIZE + size);
        reply.setZero(FIXED_SIZE, size); // what another client left there is nobody else's
        StateRead read;
        try {
            read = migration.read(MemorySegment.ofBuffer(reply.nioBuffer(FIXED_SIZE, size)));
        } catch (Throwable thrown) {
            reply.release();
            throw thrown;
        }
        switch (read.completion()) {
            case Completion.Done _ -> send(reply, size, read, messageId, noReply);
            case Completion.Pending(var stage) ->
                    session.await(
                            stage,
                            messageId,
                            READ,
                            noReply,
                            _ -> send(reply.retain(), size, read, messageId, noReply),
                            reply::release);
        }
    }

    /// Sends as many bytes as were asked for, zeros behind those that were read: libvfio-user does
    /// so, and clients written for it wait for all of them. The size field has the true count.
    private void send(ByteBuf reply, int asked, StateRead read, int messageId, boolean noReply) {
        if (noReply) {
            reply.release();
            return;
        }
        MessageEncoder.startMigDataReply(reply, messageId, read.count(), asked);
        reply.writerIndex(FIXED_SIZE + read.count());
        reply.writeZero(asked - read.count());
        session.replies().message(reply);
    }
}
