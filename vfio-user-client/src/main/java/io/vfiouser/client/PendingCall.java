package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.BulkMessage;
import io.vfiouser.protocol.ServerReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A command that was sent and waits for its reply. Used on the loop, apart from [#result()].
///
/// It stays in place when nobody waits any more (timeout, cancellation), so that the late reply is
/// known and what it brings is freed.
final class PendingCall<T extends @Nullable Object> {
    private static final int MAX_SHOWN_BYTES = 64;

    private final ClientWire wire;
    private final int commandId;
    private final Duration timeout;
    private final ReplyReader<T> reader;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private int messageId;
    private @Nullable ScheduledFuture<?> timer;

    /// A call of a command.
    ///
    /// @param reader makes the result from the reply
    PendingCall(ClientWire wire, int commandId, Duration timeout, ReplyReader<T> reader) {
        this.wire = wire;
        this.commandId = commandId;
        this.timeout = timeout;
        this.reader = reader;
    }

    CompletableFuture<T> result() {
        return result;
    }

    int messageId() {
        return messageId;
    }

    int commandId() {
        return commandId;
    }

    void start(int id, EventLoop loop) {
        messageId = id;
        timer = loop.schedule(this::timedOut, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Reads the reply and completes the result, or frees what came if nobody waits.
    ///
    /// @param descriptors taken over
    void reply(ByteBuf frame, FdBundle descriptors) {
        stopTimer();
        try (descriptors) {
            if (!result.isDone()) {
                read(frame, descriptors);
            }
        } catch (Exception e) {
            result.completeExceptionally(e);
        }
    }

    void fail(Throwable cause) {
        stopTimer();
        result.completeExceptionally(cause);
    }

    /// Such as `REGION_READ id=0x11`.
    @Override
    public String toString() {
        return CommandNames.name(commandId) + " id=0x" + Integer.toHexString(messageId);
    }

    private void read(ByteBuf frame, FdBundle descriptors) throws Exception {
        ServerReply reply;
        try {
            reply = wire.reply(commandId, frame);
        } catch (ProtocolViolationException e) {
            throw new MalformedReplyException(
                    this + ": " + e.getMessage() + "; got " + shown(frame), e);
        }
        try {
            T value = reader.read(reply, descriptors);
            if (!result.complete(value) && value instanceof AutoCloseable late) {
                late.close();
            }
        } finally {
            if (reply instanceof BulkMessage bulk) {
                bulk.release();
            }
        }
    }

    private void timedOut() {
        result.completeExceptionally(new ReplyTimeoutException("reply to " + this, timeout));
    }

    private void stopTimer() {
        ScheduledFuture<?> running = timer;
        if (running != null) {
            running.cancel(false);
            timer = null;
        }
    }

    /// The bytes of a message in hex, or the first of them.
    static String shown(ByteBuf frame) {
        int size = frame.readableBytes();
        int shown = Math.min(size, MAX_SHOWN_BYTES);
        return size
                + " bytes: "
                + ByteBufUtil.hexDump(frame, frame.readerIndex(), shown)
                + (shown < size ? "..." : "");
    }
}
