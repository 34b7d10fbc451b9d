package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_COMMAND;
import static io.vfiouser.protocol.WireFormat.TYPE_REPLY;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.StreamReceiver;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Cuts the byte stream of a channel into whole messages, and finds out which descriptors belong to
/// which of them.
///
/// Takes plain `ByteBuf`s and [Chunk]s from the channel and calls a [FrameHandler] directly. A
/// message that lies whole in what was read is handed over in place, without a copy and without an
/// object of its own. One that does not is gathered in a buffer for it alone, see [PartialMessage].
///
/// Descriptors of a read belong to the last message that starts in it: the kernel ends a read after
/// the part that carries descriptors, and a sender attaches them to the first bytes of their
/// message. They wait until that message is whole. Descriptors of a read in which no message starts
/// are closed and counted.
///
/// One decoder serves one channel, on its event loop.
public final class FrameDecoder extends ChannelInboundHandlerAdapter implements StreamReceiver {
    private final FrameHandler handler;
    private final FrameLimits limits;
    private final PartialMessage partial = new PartialMessage();
    private FdBundle arriving = FdBundle.empty();
    private long strayDescriptors;
    private boolean pending;
    private boolean stopped;
    private boolean ended;

    /// A decoder that delivers to `handler` what keeps to `limits`.
    public FrameDecoder(FrameHandler handler, FrameLimits limits) {
        this.handler = Objects.requireNonNull(handler, "handler");
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    /// An allocator for the channel of this decoder, which lets the channel read the rest of a
    /// large message straight to its place, and else does what `fallback` does.
    ///
    /// Set it as the channel's `RecvByteBufAllocator`. The channel must pass on the very buffer it
    /// was given, bare or in a [Chunk].
    public RecvByteBufAllocator receiveAllocator(RecvByteBufAllocator fallback) {
        Objects.requireNonNull(fallback, "fallback");
        return () -> new InPlaceReceive(fallback.newHandle(), partial, handler);
    }

    /// As [#receiveAllocator(RecvByteBufAllocator)], with one buffer for all channels of a loop,
    /// which a message that lies whole in it is handled from.
    ///
    /// @param receives of the channel before others of its loop have their turn, at least 1
    public RecvByteBufAllocator receiveAllocator(int receives) {
        return receiveAllocator(new LoopReceive(receives));
    }

    /// Descriptors closed so far because there was no message to give them to.
    public long strayDescriptors() {
        return strayDescriptors;
    }

    /// Whether the beginning of a message has come, and its end has not.
    public boolean isInsideMessage() {
        return pending;
    }

    /// Takes what has come of a message back from the place that the handler gave it, because that
    /// is about to be used otherwise. The message is delivered whole.
    public void gather(ByteBufAllocator allocator) {
        partial.gather(allocator);
    }

    /// Shows the beginning of a message whose end has not come, if there is one; call [#gather]
    /// first.
    ///
    /// @param viewer borrows what it gets
    public void viewPartial(BiConsumer<ByteBuf, FdBundle> viewer) {
        if (partial.isPending()) {
            viewer.accept(partial.bytes(), partial.descriptors());
        }
    }

    // Past the pipeline

    @Override
    public boolean takesBytes() {
        return !pending && !stopped;
    }

    @Override
    public ByteBuf buffer() {
        return LoopReceive.take();
    }

    @Override
    public void received(ByteBuf bytes) {
        receive(bytes, FdBundle.empty(), bytes.alloc());
    }

    @Override
    public void receivesDone() {
        if (!stopped) {
            handler.framesDone();
        }
    }

    // Through the pipeline

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case ByteBuf bytes -> {
                try {
                    receive(bytes, FdBundle.empty(), ctx.alloc());
                } finally {
                    bytes.release();
                }
            }
            case Chunk chunk -> {
                try {
                    receive(chunk.bytes(), chunk.takeDescriptors(), ctx.alloc());
                } finally {
                    chunk.release();
                }
            }
            default -> ctx.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        receivesDone();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stop();
        if (!ended) {
            ended = true;
            handler.streamEnded();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
    }

    private void receive(ByteBuf bytes, FdBundle descriptors, ByteBufAllocator allocator) {
        arriving = descriptors;
        boolean done = false;
        try {
            decode(bytes, allocator);
            done = true;
        } catch (ProtocolViolationException e) {
            stop();
            done = true;
            handler.streamViolated(e);
        } finally {
            if (!done) {
                stop();
            }
            closeStrays();
        }
    }

    private void decode(ByteBuf bytes, ByteBufAllocator allocator) {
        if (stopped) {
            return;
        }
        if (pending && !continuePartial(bytes, allocator)) {
            return;
        }
        deliverWhole(bytes);
        if (bytes.isReadable() && !stopped) {
            startPartial(bytes, allocator);
        }
    }

    /// Adds to the message that is being gathered; returns whether `bytes` may hold more messages.
    private boolean continuePartial(ByteBuf bytes, ByteBufAllocator allocator) {
        if (!partial.isReadInto(bytes)) {
            if (!partial.appendHeader(bytes)) {
                return false;
            }
            partial.append(bytes, checkedSize(partial.bytes(), 0));
        }
        if (!partial.isWhole()) {
            return false;
        }
        boolean more = !partial.isReadInto(bytes);
        if (partial.isPlaced()) {
            deliverPlaced(allocator);
            return more;
        }
        deliverGathered();
        return more;
    }

    private void deliverPlaced(ByteBufAllocator allocator) {
        ByteBuf head = partial.bytes().retainedDuplicate();
        try {
            if (handler.placed(head)) {
                pending = false;
                partial.drop();
                return;
            }
        } finally {
            head.release();
        }
        partial.gather(allocator);
        deliverGathered();
    }

    private void deliverGathered() {
        pending = false;
        ByteBuf whole = partial.takeBytes();
        try {
            handler.frame(whole, partial.takeDescriptors());
        } finally {
            whole.release();
        }
    }

    private void deliverWhole(ByteBuf bytes) {
        int end = bytes.writerIndex();
        int start = bytes.readerIndex();
        while (end - start >= HEADER_SIZE && !stopped) {
            int next = start + checkedSize(bytes, start);
            // A sum below the start has wrapped around.
            if (next > end || next < start) {
                break;
            }
            FdBundle descriptors = next == end ? takeArriving() : FdBundle.empty();
            bytes.setIndex(start, next);
            handler.frame(bytes, descriptors);
            bytes.setIndex(next, end);
            start = next;
        }
    }

    private void startPartial(ByteBuf bytes, ByteBufAllocator allocator) {
        boolean hasHeader = bytes.readableBytes() >= HEADER_SIZE;
        int size = hasHeader ? checkedSize(bytes, bytes.readerIndex()) : HEADER_SIZE;
        FdBundle descriptors = takeArriving();
        if (hasHeader && descriptors.isEmpty()) {
            Optional<ByteBuf> place = handler.place(bytes, size);
            if (place.isPresent()) {
                pending = true;
                partial.startPlaced(bytes, size, place.get(), allocator);
                return;
            }
        }
        pending = true;
        partial.start(bytes, size, descriptors, allocator, limits.maxMessageSize());
    }

    /// The size of the message at `index`, after the checks that need only its header.
    private int checkedSize(ByteBuf bytes, int index) {
        long size = MessageHeader.size(bytes, index);
        if (size < HEADER_SIZE || size > limits.maxMessageSize()) {
            throw new ProtocolViolationException(
                    "message size: "
                            + size
                            + " (expected: 16 to "
                            + limits.maxMessageSize()
                            + ", maxMessageSize)");
        }
        int type = MessageHeader.type(bytes, index);
        if (type != TYPE_COMMAND && type != TYPE_REPLY) {
            throw new ProtocolViolationException(
                    "message type: " + type + " (expected: 0, a command, or 1, a reply)");
        }
        return (int) size;
    }

    /// The descriptors of this read, now that a message for them is found.
    private FdBundle takeArriving() {
        int count = arriving.count();
        if (count > limits.maxDescriptorsPerMessage()) {
            throw new ProtocolViolationException(
                    "descriptors: "
                            + count
                            + " (expected: at most "
                            + limits.maxDescriptorsPerMessage()
                            + ", maxDescriptorsPerMessage)");
        }
        FdBundle taken = arriving;
        arriving = FdBundle.empty();
        return taken;
    }

    private void closeStrays() {
        FdBundle strays = arriving;
        if (strays.count() > 0) {
            arriving = FdBundle.empty();
            strayDescriptors += strays.count();
            Discards.close(strays);
        }
    }

    private void stop() {
        stopped = true;
        pending = false;
        partial.drop();
    }
}
