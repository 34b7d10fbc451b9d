package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.tap.StreamTap;
import io.vfiouser.transport.VfioUserChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The second stream of a session, for our commands to the client and its answers (spec:
/// "Twin-socket mode"). The client gets its end with the reply to VERSION. Belongs to the loop.
public final class TwinSocket implements RequestSink, FrameHandler, AutoCloseable {
    private final VfioUserChannel channel;
    private final DeviceLoop loop;
    private final FrameDecoder decoder;
    private final int maxUnreadBytes;
    private final StreamTap tap;
    private final Consumer<ByteBuf> replies;
    private final Consumer<String> ended;
    private @Nullable StreamImage rest;

    /// Takes our end of the pair.
    ///
    /// @param ourEnd belongs to the twin socket from now on
    /// @param maxUnreadBytes what may wait for a client that does not read
    /// @param tap sees what goes over it
    /// @param replies gets each whole reply, borrowed
    /// @param ended is told once if the stream ends or cannot be followed, with the reason
    public TwinSocket(
            FileDescriptor ourEnd,
            DeviceLoop loop,
            FrameLimits limits,
            int maxUnreadBytes,
            StreamTap tap,
            Consumer<ByteBuf> replies,
            Consumer<String> ended) {
        this.channel = new VfioUserChannel(ourEnd);
        this.maxUnreadBytes = maxUnreadBytes;
        this.tap = tap;
        this.replies = replies;
        this.ended = ended;
        this.loop = loop;
        this.decoder = new FrameDecoder(this, limits);
        channel.pipeline().addLast(decoder, new LostStream());
    }

    /// Begins to read.
    public void start() {
        var _ = loop.register(channel);
    }

    /// Our end; stays with the twin socket.
    public VfioUserChannel channel() {
        return channel;
    }

    /// Leaves the socket alone until [#resume()].
    public void suspend() {
        channel.suspend();
    }

    /// Goes on after [#suspend()].
    public void resume() {
        channel.resume();
    }

    /// Writes the socket and what is on our side of it, while it is suspended.
    public void save(ImageWriter out) {
        out.descriptor(channel.fd());
        StreamImage.saveRest(out, decoder, channel);
    }

    /// Becomes what [#save] wrote behind the socket; nobody reads it before [#startRestored()].
    public void restore(ImageReader in) {
        rest = StreamImage.read(in);
    }

    /// Begins where another process has stopped.
    public void startRestored() {
        channel.config().setAutoRead(false);
        loop.register(channel)
                .addListener(registered -> {
                    StreamImage come = rest;
                    if (registered.isSuccess() && come != null) {
                        rest = null;
                        come.send(channel);
                        come.deliver(channel);
                        channel.config().setAutoRead(true);
                    }
                });
    }

    @Override
    public ByteBuf buffer(int size) {
        return channel.alloc().directBuffer(size);
    }

    @Override
    public void send(ByteBuf message) {
        if (RequestSink.isOverfull(channel, maxUnreadBytes)) {
            message.release();
            ended.accept(
                    "the client does not read the twin socket (expected: at most maxUnreadBytes, "
                            + maxUnreadBytes
                            + ")");
            return;
        }
        tap.sent(message, FdBundle.empty());
        var _ = channel.writeAndFlush(message, channel.voidPromise());
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        tap.received(frame, descriptors);
        descriptors.close();
        int start = frame.readerIndex();
        if (MessageHeader.type(frame, start) == WireFormat.TYPE_REPLY) {
            replies.accept(frame);
        } else {
            ended.accept(
                    "command %d on the twin socket (expected: replies only)"
                            .formatted(MessageHeader.commandId(frame, start)));
        }
    }

    @Override
    public void framesDone() {
        // Replies are dealt with one by one.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        ended.accept("twin socket: " + cause.getMessage());
    }

    @Override
    public void streamEnded() {
        ended.accept("the client closed the twin socket");
    }

    @Override
    public void close() {
        StreamImage unused = rest;
        rest = null;
        if (unused != null) {
            unused.close();
        }
        if (channel.isRegistered()) {
            var _ = channel.close();
        } else {
            channel.unsafe().closeForcibly();
        }
    }

    /// Ends a stream that cannot be read or written any more.
    private final class LostStream extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ended.accept("twin socket: " + cause.getMessage());
        }
    }
}
