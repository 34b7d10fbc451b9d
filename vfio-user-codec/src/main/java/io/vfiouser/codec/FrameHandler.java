package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;
import java.util.Optional;

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

    /// Asks where the data of a message shall go whose beginning has come: with a place, the rest
    /// of it is received there, and nothing is copied but what has come already.
    ///
    /// @param beginning at least a header, and less than the whole message; borrowed
    /// @param size bytes of the whole message
    /// @return direct memory with room for exactly the last bytes of the message, which becomes the
    ///   decoder's: as many as will not be read as part of its head. Empty to have the message
    ///   delivered whole
    default Optional<ByteBuf> place(ByteBuf beginning, int size) {
        return Optional.empty();
    }

    /// All data of a message for which [#place] gave a place is there.
    ///
    /// @param head what comes before the data, borrowed
    /// @return false to have the message delivered whole after all, with a copy of the data
    default boolean placed(ByteBuf head) {
        return false;
    }

    /// Whether to receive more of this peer at once, before the loop looks at its other channels.
    /// Asked when a receive has filled its buffer; without more, what is left comes in a later
    /// turn.
    default boolean takesMore() {
        return true;
    }

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
