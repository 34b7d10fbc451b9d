package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.MessageSocket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads what a socket has into the pipeline of its channel.
///
/// One system call a read. A read that leaves room in its buffer and brought no descriptors has
/// emptied the socket, so there is no second one to learn that.
final class StreamReader {
    private final VfioUserChannel channel;
    private final StreamInput input;
    private final MessageSocket socket;
    private final UncheckedBooleanSupplier mayHaveMore;
    private @Nullable StreamReceiver receiver;
    private boolean moreExpected;
    private boolean peerShutDown;
    private long receiveCalls;

    StreamReader(VfioUserChannel channel, StreamInput input, MessageSocket socket) {
        this.channel = channel;
        this.input = input;
        this.socket = socket;
        this.mayHaveMore = () -> moreExpected;
    }

    /// From now on every read goes on to the end of the stream: epoll will not report again. How it
    /// ended is asked for as well.
    void peerHasShutDown() {
        peerShutDown = true;
    }

    long receiveCalls() {
        return receiveCalls;
    }

    /// Hands over bytes past the pipeline.
    void receiver(StreamReceiver receiver) {
        this.receiver = receiver;
    }

    /// Whether the socket may have more: the last read ended before a receive has shown that it is
    /// empty. What comes after such a receive is reported by epoll in any case.
    boolean mayHaveMore() {
        return moreExpected;
    }

    /// Whether bytes are handed over past the pipeline.
    boolean isDirect() {
        return receiver != null;
    }

    /// What asking a socket brought.
    enum Polled {
        NOTHING,
        DATA,
        END
    }

    /// As [#read], past epoll: asks the socket whether it has something, and hears nothing of it if
    /// it has not.
    ///
    /// @return what came of it
    /// @throws IOException if the connection is broken, after everything read was delivered
    Polled poll() throws IOException {
        return read(true);
    }

    /// Reads as often as the channel's allocator allows. Returns whether the stream has ended.
    ///
    /// @throws IOException if the connection is broken, after everything read was delivered
    boolean read() throws IOException {
        return read(false) == Polled.END;
    }

    private Polled read(boolean polled) throws IOException {
        StreamReceiver to = receiver;
        return to != null && to.takesBytes() ? readDirectly(to, polled) : readThrough(polled);
    }

    /// The usual read: a few small messages, and nothing behind them. Else goes on through the
    /// pipeline.
    private Polled readDirectly(StreamReceiver to, boolean polled) throws IOException {
        ByteBuf bytes = to.buffer();
        int room = bytes.writableBytes();
        int count;
        try {
            count = receive(bytes, polled);
        } catch (Throwable thrown) {
            bytes.release();
            channel.pipeline().fireChannelReadComplete();
            throw thrown;
        }
        if (count <= 0 || count == room || peerShutDown || socket.hasReceived()) {
            return goOnThrough(bytes, room, count, polled);
        }
        moreExpected = false;
        try {
            to.received(bytes);
        } catch (Throwable thrown) {
            channel.pipeline().fireExceptionCaught(thrown);
        } finally {
            bytes.release();
        }
        try {
            to.receivesDone();
        } catch (Throwable thrown) {
            channel.pipeline().fireExceptionCaught(thrown);
        }
        return Polled.DATA;
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private Polled goOnThrough(ByteBuf bytes, int room, int count, boolean polled)
            throws IOException {
        if (polled && count < 0) {
            bytes.release();
            return Polled.NOTHING;
        }
        RecvByteBufAllocator.Handle handle = channel.unsafe().recvBufAllocHandle();
        handle.reset(channel.config());
        handle.attemptedBytesRead(room);
        deliver(bytes, room, count, handle);
        return goOn(handle, count);
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private Polled readThrough(boolean polled) throws IOException {
        RecvByteBufAllocator.Handle handle = channel.unsafe().recvBufAllocHandle();
        handle.reset(channel.config());
        boolean begun = false;
        int count;
        try {
            count = readOnce(handle, polled);
            begun = true;
        } finally {
            if (!begun) {
                handle.readComplete();
                channel.pipeline().fireChannelReadComplete();
            }
        }
        return polled && count < 0 ? Polled.NOTHING : goOn(handle, count);
    }

    /// Goes on after a first read of `count` bytes.
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private Polled goOn(RecvByteBufAllocator.Handle handle, int first) throws IOException {
        int count = first;
        try {
            while (count > 0 && input.isReadable() && goesOn(handle)) {
                count = readOnce(handle, false);
            }
        } finally {
            handle.readComplete();
            channel.pipeline().fireChannelReadComplete();
        }
        return count == 0 ? Polled.END : Polled.DATA;
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private int readOnce(RecvByteBufAllocator.Handle handle, boolean polled) throws IOException {
        ByteBuf bytes = handle.allocate(channel.alloc());
        int count = -1;
        boolean received = false;
        int room = bytes.writableBytes();
        try {
            handle.attemptedBytesRead(room);
            count = receive(bytes, polled);
            received = true;
        } finally {
            if (!received) {
                bytes.release();
            }
        }
        deliver(bytes, room, count, handle);
        return count;
    }

    /// Sends what a receive has brought through the pipeline; takes `bytes` over.
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private void deliver(ByteBuf bytes, int room, int count, RecvByteBufAllocator.Handle handle) {
        // Netty counts the other way round: 0 for nothing, -1 for the end.
        handle.lastBytesRead(count > 0 ? count : -1 - count);
        FdBundle descriptors = socket.received();
        moreExpected = count == room || !descriptors.isEmpty();
        if (count <= 0) {
            bytes.release();
            return;
        }
        handle.incMessagesRead(1);
        input.requestSatisfied();
        channel.pipeline()
                .fireChannelRead(descriptors.isEmpty() ? bytes : Chunk.of(bytes, descriptors));
    }

    private int receive(ByteBuf bytes, boolean polled) throws IOException {
        receiveCalls++;
        try {
            return polled || peerShutDown ? socket.poll(bytes) : socket.receive(bytes);
        } catch (RuntimeException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private boolean goesOn(RecvByteBufAllocator.Handle handle) {
        if (peerShutDown) {
            return true;
        }
        return handle instanceof RecvByteBufAllocator.ExtendedHandle extended
                ? extended.continueReading(mayHaveMore)
                : moreExpected && handle.continueReading();
    }
}
