package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.MessageSocket;
import java.io.IOException;

/// Reads what a socket has into the pipeline of its channel.
///
/// One system call a read. A read that leaves room in its buffer and brought no descriptors has
/// emptied the socket, so there is no second one to learn that.
final class StreamReader {
    private final VfioUserChannel channel;
    private final StreamInput input;
    private final MessageSocket socket;
    private final UncheckedBooleanSupplier mayHaveMore;
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

    /// As [#read], past epoll: asks the socket whether it has something, and hears nothing of it if
    /// it has not.
    ///
    /// @return what came of it
    /// @throws IOException if the connection is broken, after everything read was delivered
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    Polled poll(RecvByteBufAllocator.Handle handle) throws IOException {
        handle.reset(channel.config());
        int count = readOnce(channel.pipeline(), handle, true);
        if (count < 0) {
            return Polled.NOTHING;
        }
        return goOn(handle, count) ? Polled.END : Polled.DATA;
    }

    /// What asking a socket past epoll brought.
    enum Polled {
        NOTHING,
        DATA,
        END
    }

    /// Reads as often as the channel's allocator allows. Returns whether the stream has ended.
    ///
    /// @throws IOException if the connection is broken, after everything read was delivered
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    boolean read(RecvByteBufAllocator.Handle handle) throws IOException {
        handle.reset(channel.config());
        boolean begun = false;
        int count;
        try {
            count = readOnce(channel.pipeline(), handle, false);
            begun = true;
        } finally {
            if (!begun) {
                handle.readComplete();
                channel.pipeline().fireChannelReadComplete();
            }
        }
        return goOn(handle, count);
    }

    /// Goes on after a first read of `count` bytes; returns whether the stream has ended.
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private boolean goOn(RecvByteBufAllocator.Handle handle, int first) throws IOException {
        ChannelPipeline pipeline = channel.pipeline();
        int count = first;
        try {
            while (count > 0 && input.isReadable() && goesOn(handle)) {
                count = readOnce(pipeline, handle, false);
            }
        } finally {
            handle.readComplete();
            pipeline.fireChannelReadComplete();
        }
        return count == 0;
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private int readOnce(
            ChannelPipeline pipeline, RecvByteBufAllocator.Handle handle, boolean polled)
            throws IOException {
        ByteBuf bytes = handle.allocate(channel.alloc());
        int count = -1;
        FdBundle descriptors;
        try {
            int room = bytes.writableBytes();
            handle.attemptedBytesRead(room);
            count = receive(bytes, polled);
            // Netty counts the other way round: 0 for nothing, -1 for the end.
            handle.lastBytesRead(count > 0 ? count : -1 - count);
            descriptors = socket.received();
            moreExpected = count == room || !descriptors.isEmpty();
        } finally {
            if (count <= 0) {
                bytes.release();
            }
        }
        if (count > 0) {
            handle.incMessagesRead(1);
            input.requestSatisfied();
            pipeline.fireChannelRead(descriptors.isEmpty() ? bytes : Chunk.of(bytes, descriptors));
        }
        return count;
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
