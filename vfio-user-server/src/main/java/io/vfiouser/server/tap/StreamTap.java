package io.vfiouser.server.tap;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.MessageHeader;

/// One socket of one session, as the taps of its device see it. Belongs to the loop.
public final class StreamTap {
    private final MessageTaps taps;
    private final long session;
    private final boolean twin;

    /// @param session counts the clients of the device, from 1
    /// @param twin whether it is the second socket
    public StreamTap(MessageTaps taps, long session, boolean twin) {
        this.taps = taps;
        this.session = session;
        this.twin = twin;
    }

    /// The second socket of the same session.
    public StreamTap twin() {
        return new StreamTap(taps, session, true);
    }

    /// Whether anybody looks, and messages must be shown whole.
    public boolean isOn() {
        return taps.areOn();
    }

    /// A message has come from the client.
    ///
    /// @param frame the readable bytes are the message, borrowed
    /// @param descriptors what came with it, borrowed
    public void received(ByteBuf frame, FdBundle descriptors) {
        if (taps.areOn()) {
            taps.tell(session, Direction.CLIENT_TO_SERVER, twin, frame, descriptors);
        }
    }

    /// A message is about to be sent.
    ///
    /// @param message the readable bytes are the message, borrowed
    /// @param descriptors what goes with it, borrowed
    public void sent(ByteBuf message, FdBundle descriptors) {
        if (taps.areOn()) {
            taps.tell(session, Direction.SERVER_TO_CLIENT, twin, message, descriptors);
        }
    }

    /// Several messages without descriptors are about to be sent.
    ///
    /// @param messages the readable bytes are whole messages, one behind the other, borrowed
    public void sentAll(ByteBuf messages) {
        if (!taps.areOn()) {
            return;
        }
        int end = messages.writerIndex();
        for (int at = messages.readerIndex(); at < end; ) {
            int size = (int) MessageHeader.size(messages, at);
            sent(messages.slice(at, size), FdBundle.empty());
            at += size;
        }
    }
}
