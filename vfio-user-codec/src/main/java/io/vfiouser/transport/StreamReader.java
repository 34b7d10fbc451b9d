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

    /// From now on every read goes on to the end of the stream: epoll will not report again.
    void peerHasShutDown() {
        peerShutDown = true;
    }

    long receiveCalls() {
        return receiveCalls;
    }

    /// Reads as often as the channel's allocator allows. Returns whether the stream has ended.
    ///
    /// @throws IOException if the connection is broken, after everything read was delivered
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    boolean read(RecvByteBufAllocator.Handle handle) throws IOException {
        ChannelPipeline pipeline = channel.pipeline();
        handle.reset(channel.config());
        boolean ended = false;
        try {
            boolean more;
            do {
                int count = readOnce(pipeline, handle);
                ended = count == 0;
                more = count > 0 && input.isReadable() && goesOn(handle);
            } while (more);
        } finally {
            handle.readComplete();
            pipeline.fireChannelReadComplete();
        }
        return ended;
    }

    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
    private int readOnce(ChannelPipeline pipeline, RecvByteBufAllocator.Handle handle)
            throws IOException {
        ByteBuf bytes = handle.allocate(channel.alloc());
        int count = -1;
        FdBundle descriptors;
        try {
            int room = bytes.writableBytes();
            handle.attemptedBytesRead(room);
            count = receive(bytes);
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

    private int receive(ByteBuf bytes) throws IOException {
        receiveCalls++;
        try {
            return socket.receive(bytes);
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
