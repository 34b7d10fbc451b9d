package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;

/// A command that waits for its turn, with a copy of its own of the message.
///
/// @param frame the whole message, owned
/// @param descriptors what came with it, owned
record HeldCommand(ByteBuf frame, FdBundle descriptors) {
    int size() {
        return frame.readableBytes();
    }

    void drop() {
        frame.release();
        descriptors.close();
    }
}
