package io.vfiouser.trace.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MessageSizeEstimator;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.VfioUserChannel;
import java.util.EnumSet;
import java.util.Set;

/// A connection that gives whole messages with their descriptors, and takes them. Knows nothing of
/// what they mean. Belongs to the event loop of its channel.
public final class WireEnd extends ChannelInboundHandlerAdapter implements FrameHandler {
    /// What passes: any message and any descriptors that the kernel lets through.
    public static final FrameLimits LIMITS = new FrameLimits(16 << 20, 253);

    /// What a descriptor that waits to be sent counts for, as bytes: 64 of them are as much as may
    /// pile up. A message of 16 bytes can bring 253, and the process has few.
    private static final int DESCRIPTOR_WEIGHT = 1024;

    private final VfioUserChannel channel;
    private final Listener listener;
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private boolean ended;

    /// Why nothing is read from a connection; each comes and goes by itself.
    public enum Hold {
        /// The other side is not there yet.
        ALONE,
        /// What comes is passed on to where there is no room.
        OTHER_FULL,
        /// What comes is answered, and the answers are not read.
        ANSWERS_UNREAD,
        /// What came is still waiting to be looked at.
        WAITING
    }

    /// Takes a channel, which is not registered yet or has just been.
    public WireEnd(VfioUserChannel channel, Listener listener) {
        this.channel = channel;
        this.listener = listener;
        var decoder = new FrameDecoder(this, LIMITS);
        channel.config()
                .setRecvByteBufAllocator(
                        decoder.receiveAllocator(channel.config().getRecvByteBufAllocator()));
        channel.config()
                .setMessageSizeEstimator(weighed(channel.config().getMessageSizeEstimator()));
        channel.pipeline().addLast(decoder, this);
    }

    private static MessageSizeEstimator weighed(MessageSizeEstimator bytes) {
        return () -> {
            MessageSizeEstimator.Handle handle = bytes.newHandle();
            return message ->
                    message instanceof Chunk chunk
                            ? handle.size(chunk) + chunk.descriptors().count() * DESCRIPTOR_WEIGHT
                            : handle.size(message);
        };
    }

    /// Hears what comes; all on the loop.
    public interface Listener {
        /// A whole message has come.
        ///
        /// @param bytes borrowed
        /// @param descriptors belong to the listener
        void message(ByteBuf bytes, FdBundle descriptors);

        /// There is room to send again, or none.
        ///
        /// @param hasRoom whether more may be sent without piling up in memory
        default void room(boolean hasRoom) {}

        /// No more comes; called once.
        ///
        /// @param reason in words
        void ended(String reason);
    }

    /// Its loop.
    public EventLoop loop() {
        return channel.eventLoop();
    }

    /// Sends a message.
    ///
    /// @param bytes taken over
    /// @param descriptors taken over
    public void send(ByteBuf bytes, FdBundle descriptors) {
        Object message = descriptors.isEmpty() ? bytes : Chunk.of(bytes, descriptors);
        var _ = channel.writeAndFlush(message, channel.voidPromise());
    }

    /// Whether more may be sent without piling up in memory.
    public boolean hasRoom() {
        return channel.isWritable();
    }

    /// Reads nothing from now on, or goes on if there is no other reason left.
    ///
    /// @param holds whether there is this reason
    public void hold(Hold reason, boolean holds) {
        if (holds ? this.holds.add(reason) : this.holds.remove(reason)) {
            channel.config().setAutoRead(this.holds.isEmpty());
        }
    }

    /// Closes the connection, from any thread; what the peer has left no room for is dropped.
    public void close() {
        var _ = channel.close();
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        if (ended) {
            descriptors.close();
        } else {
            listener.message(frame, descriptors);
        }
    }

    @Override
    public void framesDone() {
        // Each is passed on at once.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        end(String.valueOf(cause.getMessage()));
    }

    @Override
    public void streamEnded() {
        end("connection closed");
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        listener.room(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(String.valueOf(cause.getMessage()));
    }

    private void end(String reason) {
        if (!ended) {
            ended = true;
            var _ = channel.close();
            listener.ended(reason);
        }
    }
}
