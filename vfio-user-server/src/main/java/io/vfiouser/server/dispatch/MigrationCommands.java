package io.vfiouser.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.server.migration.MigrationMachine;
import java.lang.foreign.MemorySegment;

/// MIG_DATA_WRITE: state to load, from the received bytes straight to the device (spec:
/// "VFIO_USER_MIG_DATA_WRITE").
public final class MigrationCommands {
    private final MigrationMachine migration;
    private final int maxSize;

    /// The loads of one session.
    ///
    /// @param maxSize bytes of data taken in one message
    public MigrationCommands(MigrationMachine migration, int maxSize) {
        this.migration = migration;
        this.maxSize = maxSize;
    }

    Answer write(MigDataWrite request) {
        ByteBuf data = request.data();
        Completion done;
        try {
            checkSize(data.readableBytes());
            done = migration.write(MemorySegment.ofBuffer(data.nioBuffer()).asReadOnly());
        } catch (Throwable thrown) {
            data.release();
            throw thrown;
        }
        return switch (done) {
            case Completion.Done _ -> {
                data.release();
                yield Answer.EMPTY;
            }
            case Completion.Pending(var stage) ->
                    new Answer.Later(
                            stage.whenComplete((_, _) -> data.release())
                                    .thenApply(_ -> EmptyReply.INSTANCE));
        };
    }

    private void checkSize(int size) {
        if (size > maxSize) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "size: " + size + " (expected: at most max_data_xfer_size, " + maxSize + ")");
        }
    }
}
