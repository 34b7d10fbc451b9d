package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;

/// Takes what a [VfioUserChannel] receives past its pipeline, see [VfioUserChannel#receiver].
///
/// With a thousand connections on a loop each read finds the objects of its connection out of the
/// caches, so that their number decides what it costs: those of a pipeline are as many as all
/// others. Descriptors, large messages, ends and errors still go through the pipeline, whose
/// handlers must be the receiver and those behind it.
///
/// Called on the loop.
public interface StreamReceiver {
    /// Whether bytes may come past the pipeline now; else they come through it, into a buffer of
    /// the channel's allocator.
    boolean takesBytes();

    /// A buffer for the next bytes; the channel releases it after [#received].
    ByteBuf buffer();

    /// Bytes have come, and no descriptors with them.
    ///
    /// @param bytes what [#buffer()] returned; borrowed
    void received(ByteBuf bytes);

    /// There is nothing more for now; comes after each [#received].
    void receivesDone();
}
