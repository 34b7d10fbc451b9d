package io.vfiouser.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;

/// Runs the commands of one session, one after the other, from their bytes on. Belongs to the loop.
public interface CommandRunner extends AutoCloseable {
    /// Runs one command.
    ///
    /// @param frame the whole message, borrowed
    /// @param descriptors what came with it; the caller closes what is left
    /// @throws io.vfiouser.codec.RequestRejectedException if it is refused
    Answer run(ByteBuf frame, FdBundle descriptors);

    /// The session is over, and the device makes no use of it any more.
    @Override
    default void close() {}
}
