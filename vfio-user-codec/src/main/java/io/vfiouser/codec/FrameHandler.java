package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;

/// Takes the whole messages that a [FrameDecoder] cuts from a stream.
///
/// All calls are made on the event loop of the channel, one at a time.
public interface FrameHandler {
    /// One whole message arrived.
    ///
    /// Once the handler has closed the channel or removed the decoder from the pipeline, messages
    /// that are already in the buffer may still be delivered; it ignores them. A
    /// [ProtocolViolationException] thrown here comes back through [#streamViolated]; anything else
    /// ends the stream as well and goes on to the pipeline as an exception.
    ///
    /// @param frame the readable bytes are exactly the message, header first. A view of the receive
    ///   buffer, valid during this call only: what is to live longer is kept by `readRetainedSlice`
    ///   or `retainedDuplicate`. Its indexes may be moved freely.
    /// @param descriptors what came with this message, nearly always empty; now owned by the
    ///   handler, which must take or close them
    void frame(ByteBuf frame, FdBundle descriptors);

    /// All that the last read brought was delivered: the time to flush replies.
    void framesDone();

    /// The peer broke the framing rules. No message is delivered after this; the handler closes the
    /// channel.
    ///
    /// @param cause what was wrong
    void streamViolated(ProtocolViolationException cause);

    /// The channel is closed; called exactly once. A message that was not whole by then is dropped
    /// and its descriptors are closed.
    void streamEnded();
}
