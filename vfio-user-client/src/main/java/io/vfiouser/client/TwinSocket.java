package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.transport.VfioUserChannel;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The second stream of a session, for the server's commands and their replies (spec: "Twin-socket
/// mode"). The server made it and sent this end with its reply to `VERSION`. Runs on the session's
/// loop; the session ends with it.
final class TwinSocket implements FrameHandler, ReplyPath {
    private static final Logger LOG = LoggerFactory.getLogger(TwinSocket.class);

    private final VfioUserChannel channel;
    private final EventLoop loop;
    private final ServerCalls calls;
    private final Listener listener;

    private TwinSocket(
            FileDescriptor end,
            EventLoop loop,
            Listener listener,
            Function<ReplyPath, ServerCalls> callsOf) {
        this.channel = new VfioUserChannel(end);
        this.loop = loop;
        this.listener = listener;
        this.calls = callsOf.apply(this);
    }

    /// What becomes of the stream.
    interface Listener {
        /// The server has broken the protocol on it.
        void twinViolated(ProtocolViolationException cause);

        /// It has ended, whoever closed it.
        void twinEnded();
    }

    /// Begins to take the server's commands. On the loop.
    ///
    /// @param end belongs to the twin socket from now on
    /// @param callsOf makes what answers the commands
    static TwinSocket open(
            FileDescriptor end,
            EventLoop loop,
            FrameLimits limits,
            Listener listener,
            Function<ReplyPath, ServerCalls> callsOf) {
        var twin = new TwinSocket(end, loop, listener, callsOf);
        twin.channel.pipeline().addLast(new FrameDecoder(twin, limits), new LostConnection());
        var _ = loop.register(twin.channel);
        return twin;
    }

    @Override
    public ByteBuf buffer() {
        return channel.alloc().directBuffer();
    }

    @Override
    public void send(ByteBuf message) {
        Consumer<Throwable> dropped = cause -> LOG.debug("not sent: {}", cause.getMessage());
        try {
            loop.execute(() ->
                    channel.writeAndFlush(message)
                            .addListener(written -> {
                                if (!written.isSuccess()) {
                                    dropped.accept(written.cause());
                                }
                            }));
        } catch (RejectedExecutionException e) {
            message.release();
            dropped.accept(e);
        }
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        if (LOG.isDebugEnabled()) {
            LOG.debug("received {}", WireTrace.describe(frame));
        }
        if (MessageHeader.type(frame, frame.readerIndex()) == WireFormat.TYPE_REPLY) {
            descriptors.close();
            throw new ProtocolViolationException(
                    "a reply on the twin socket; got " + PendingCall.shown(frame));
        }
        calls.handle(frame, descriptors);
    }

    @Override
    public void framesDone() {
        // Replies are flushed one by one.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        listener.twinViolated(cause);
        close();
    }

    @Override
    public void streamEnded() {
        listener.twinEnded();
    }

    /// Ends the stream without waiting; from any thread.
    void close() {
        var _ = channel.close();
    }
}
