package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps the messages of a raw connection until they are asked for.
final class Inbox implements FrameHandler, AutoCloseable {
    /// A message, or nothing as the sign that none will follow.
    private final LinkedBlockingQueue<Optional<RawFrame>> messages = new LinkedBlockingQueue<>();

    private final Connection connection;
    private volatile String endReason = "closed";

    Inbox(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    /// Waits for the next message.
    RawFrame take(Duration limit) {
        Optional<RawFrame> next;
        try {
            next = messages.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the server");
        }
        if (next == null) {
            throw new ReplyTimeoutException("message from " + connection.socket(), limit);
        }
        return next.orElseThrow(() -> {
            messages.add(Optional.empty());
            return new ConnectionClosedException("[" + connection.socket() + "] " + endReason);
        });
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        ByteBuf copy = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(frame));
        messages.add(Optional.of(new RawFrame(copy, descriptors)));
    }

    @Override
    public void framesDone() {
        // Nothing is sent in answer.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        endReason = "closed: the server sent " + cause.getMessage();
        connection.close();
    }

    @Override
    public void streamEnded() {
        messages.add(Optional.empty());
    }

    /// Frees the messages that nobody took.
    @Override
    public void close() {
        for (var next = messages.poll(); next != null; next = messages.poll()) {
            next.ifPresent(RawFrame::close);
        }
        messages.add(Optional.empty());
    }
}
