package io.vfiouser.server.succession;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.VfioUserChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The connection of two processes of the same user, for a thread that waits: messages with the
/// header of vfio-user, whose command is a [Step].
final class Link implements FrameHandler, AutoCloseable {
    private static final int MAX_SIZE = 64 << 20;
    private static final int MAX_DESCRIPTORS = 253;
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);
    private static final Image NOTHING = new Image(new byte[0], FdBundle.empty());

    private final VfioUserChannel channel;
    private final BlockingQueue<Letter> inbox = new LinkedBlockingQueue<>();
    private final Letter end = new Letter(0, NOTHING);
    private volatile String endReason = "the other process has closed the connection";

    private Link(VfioUserChannel channel) {
        this.channel = channel;
        channel.pipeline()
                .addLast(new FrameDecoder(this, new FrameLimits(MAX_SIZE, MAX_DESCRIPTORS)));
    }

    /// A link on a channel that is connected and not registered.
    static Link open(VfioUserChannel channel, EventLoop loop) {
        var link = new Link(channel);
        loop.register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        link.inbox.add(link.end);
                    }
                });
        return link;
    }

    /// Sends a message that says no more than its kind.
    void send(Step step) {
        send(step, NOTHING);
    }

    /// Sends a message and waits until it has left. It has left if this returns, also interrupted,
    /// and if this throws it never will: who has said TAKEN must know it.
    ///
    /// @param content with at most 253 descriptors; owned by this call
    void send(Step step, Image content) {
        ChannelFuture sending = post(step, content);
        try {
            if (!sending.await(SEND_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
                channel.close().awaitUninterruptibly();
            }
        } catch (InterruptedException e) {
            channel.close().awaitUninterruptibly();
            Thread.currentThread().interrupt();
        }
        if (!sending.awaitUninterruptibly().isSuccess()) {
            throw new TakeoverException(
                    Thread.currentThread().isInterrupted()
                            ? "interrupted"
                            : "the other process does not read " + step,
                    sending.cause());
        }
    }

    /// Sends a message without waiting.
    ChannelFuture post(Step step, Image content) {
        byte[] body = content.bytes();
        ByteBuf message = channel.alloc().directBuffer(HEADER_SIZE + body.length);
        message.writeShortLE(0);
        message.writeShortLE(step.number());
        message.writeIntLE(HEADER_SIZE + body.length);
        message.writeIntLE(WireFormat.TYPE_COMMAND);
        message.writeIntLE(0);
        message.writeBytes(body);
        return channel.writeAndFlush(Chunk.of(message, content.descriptors()));
    }

    /// Waits for the next message.
    ///
    /// @throws TakeoverException if it does not come in time, or the other side gives up
    Letter receive(Duration patience) {
        Letter letter;
        try {
            letter = inbox.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TakeoverException("interrupted", e);
        }
        if (letter == null) {
            throw new TakeoverException("no answer of the other process within " + patience);
        }
        if (letter.equals(end)) {
            inbox.add(end);
            throw new TakeoverException(endReason);
        }
        if (letter.is(Step.GIVEN_UP)) {
            try (Image content = letter.content()) {
                throw new TakeoverException(
                        "the other process: " + new ImageReader(content).text());
            }
        }
        return letter;
    }

    /// Waits for a message of one kind.
    Image expect(Step step, Duration patience) {
        Letter letter = receive(patience);
        if (!letter.is(step)) {
            letter.content().close();
            throw new TakeoverException(
                    "message: %d (expected: %s, %d)"
                            .formatted(letter.number(), step, step.number()));
        }
        return letter.content();
    }

    /// Tells the other side that it is over, if it can still hear that.
    void giveUp(String reason) {
        try (var out = new ImageWriter()) {
            send(Step.GIVEN_UP, out.text(reason).finish());
        } catch (RuntimeException _) {
            // It is over in any case.
        }
    }

    /// Lets the other side send no more.
    ///
    /// @return whether a message of this kind had been sent by then
    boolean shutDownAfter(Step step) {
        var drained = new CompletableFuture<Boolean>();
        channel.eventLoop()
                .execute(() -> {
                    try {
                        drain();
                    } catch (Exception e) {
                        endReason = e.toString();
                    }
                    drained.complete(true);
                });
        drained.join();
        boolean found = false;
        for (Letter letter = inbox.poll(); letter != null; letter = inbox.poll()) {
            found |= letter.is(step);
            letter.content().close();
        }
        inbox.add(end);
        return found;
    }

    /// Why something has failed, in a line.
    static String reason(ExecutionException failed) {
        Throwable cause = failed.getCause();
        return String.valueOf((cause == null ? failed : cause).getMessage());
    }

    private void drain() throws java.io.IOException {
        FileDescriptor fd = channel.fd();
        if (!fd.isOpen()) {
            return;
        }
        ((Socket) fd).shutdown(true, true);
        var rest = new MessageSocket(fd);
        while (true) {
            ByteBuf bytes = channel.alloc().directBuffer(HEADER_SIZE << 8);
            int count;
            try {
                count = rest.receive(bytes);
            } catch (NativeCallException e) {
                count = 0;
            }
            if (count <= 0) {
                bytes.release();
                return;
            }
            channel.pipeline().fireChannelRead(Chunk.of(bytes, rest.received()));
        }
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        int start = frame.readerIndex();
        byte[] body = new byte[frame.readableBytes() - HEADER_SIZE];
        frame.getBytes(start + HEADER_SIZE, body);
        inbox.add(new Letter(MessageHeader.commandId(frame, start), new Image(body, descriptors)));
    }

    @Override
    public void framesDone() {
        // Messages are dealt with one by one.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        endReason = String.valueOf(cause.getMessage());
        var _ = channel.close();
    }

    @Override
    public void streamEnded() {
        inbox.add(end);
    }

    /// Closes the connection, and what came and was not looked at.
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        for (Letter letter = inbox.poll(); letter != null; letter = inbox.poll()) {
            letter.content().close();
        }
    }
}
