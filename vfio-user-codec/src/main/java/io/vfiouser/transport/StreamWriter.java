package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.os.NativeCallException;
import java.io.IOException;
import java.util.Arrays;

/// Sends what waits in an outbound buffer.
///
/// Plain buffers in a row leave in one system call. A chunk with descriptors has one of its own,
/// because the receiver gives descriptors to the last message that starts in a read.
final class StreamWriter implements ChannelOutboundBuffer.MessageProcessor {
    private final MessageSocket socket;
    private final EpollInterest interest;
    private final ByteBuf[] gathered = new ByteBuf[MessageSocket.MAX_GATHER];
    private final ByteBuf[] pair = {Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER};
    private int gatheredCount;
    private long sendCalls;

    StreamWriter(MessageSocket socket, EpollInterest interest) {
        this.socket = socket;
        this.interest = interest;
        Arrays.fill(gathered, Unpooled.EMPTY_BUFFER);
    }

    /// Refuses what cannot be sent, and moves bytes on the heap to where the kernel takes them
    /// from.
    static Object accept(Object message, ByteBufAllocator allocator) {
        return switch (message) {
            case ByteBuf bytes -> bytes.isDirect() ? bytes : toDirect(bytes, allocator);
            case Chunk chunk -> checked(chunk);
            default ->
                    throw new UnsupportedOperationException(
                            "message: "
                                    + message.getClass().getName()
                                    + " (expected: ByteBuf or Chunk)");
        };
    }

    /// Sends until everything is sent, or the peer's queue is full and epoll has been asked to tell
    /// when it has room.
    ///
    /// @param turns system calls to make at most
    /// @return false if there was more to send after that many; then call again in a while
    /// @throws IOException if the connection is broken
    boolean write(ChannelOutboundBuffer out, int turns) throws IOException {
        for (int i = 0; i < turns; i++) {
            if (out.isEmpty()) {
                interest.remove(EpollInterest.OUT);
                return true;
            }
            if (!writeSome(out)) {
                interest.add(EpollInterest.OUT);
                return true;
            }
        }
        interest.remove(EpollInterest.OUT);
        return out.isEmpty();
    }

    /// Sends what the socket takes of `bytes` and skips it; returns whether that was all. If not,
    /// epoll has been asked to tell when there is room again.
    boolean sendNow(ByteBuf bytes) {
        long sent;
        try {
            sendCalls++;
            sent = socket.send(bytes, FdBundle.empty());
        } catch (NativeCallException e) {
            return false; // the caller's write finds the same and closes the channel
        }
        if (sent > 0) {
            bytes.skipBytes((int) sent);
        }
        return isAll(!bytes.isReadable());
    }

    /// As [#sendNow(ByteBuf)], of two buffers one behind the other, with one call.
    boolean sendNow(ByteBuf first, ByteBuf second) {
        pair[0] = first;
        pair[1] = second;
        long sent;
        try {
            sendCalls++;
            sent = socket.send(pair, 2, FdBundle.empty());
        } catch (NativeCallException e) {
            return false; // the caller's write finds the same and closes the channel
        } finally {
            Arrays.fill(pair, Unpooled.EMPTY_BUFFER);
        }
        int ofFirst = Math.clamp(sent, 0, first.readableBytes());
        first.skipBytes(ofFirst);
        second.skipBytes((int) Math.max(0, sent - ofFirst));
        return isAll(!first.isReadable() && !second.isReadable());
    }

    private boolean isAll(boolean all) {
        if (!all) {
            interest.add(EpollInterest.OUT);
        }
        return all;
    }

    long sendCalls() {
        return sendCalls;
    }

    @Override
    public boolean processMessage(Object message) {
        if (gatheredCount == gathered.length || !(message instanceof ByteBuf bytes)) {
            return false;
        }
        gathered[gatheredCount++] = bytes;
        return true;
    }

    /// Makes one system call's worth of progress. Returns false if the peer's queue is full, which
    /// a send that leaves something over says too.
    private boolean writeSome(ChannelOutboundBuffer out) throws IOException {
        return switch (out.current()) {
            case Chunk chunk -> writeChunk(out, chunk);
            case ByteBuf bytes when out.size() == 1 -> writeOne(out, bytes);
            default -> writeGathered(out);
        };
    }

    private boolean writeChunk(ChannelOutboundBuffer out, Chunk chunk) throws IOException {
        ByteBuf bytes = chunk.bytes();
        long sent = bytes.isReadable() ? send(bytes, chunk.descriptors()) : 0;
        if (sent < 0) {
            return false;
        }
        // Whatever part of the bytes left took all descriptors along, so ours are done with.
        chunk.takeDescriptors().close();
        bytes.skipBytes((int) sent);
        out.progress(sent);
        if (!bytes.isReadable()) {
            out.remove();
        }
        return true;
    }

    private boolean writeOne(ChannelOutboundBuffer out, ByteBuf bytes) throws IOException {
        int size = bytes.readableBytes();
        long sent = size > 0 ? send(bytes, FdBundle.empty()) : 0;
        if (sent >= 0) {
            out.removeBytes(sent);
        }
        return sent == size;
    }

    private boolean writeGathered(ChannelOutboundBuffer out) throws IOException {
        try {
            out.forEachFlushedMessage(this);
            long size = gatheredBytes();
            long sent = sendGathered();
            if (sent >= 0) {
                out.removeBytes(sent);
            }
            return sent == size;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e); // only processMessage could throw it
        } finally {
            Arrays.fill(gathered, 0, gatheredCount, Unpooled.EMPTY_BUFFER);
            gatheredCount = 0;
        }
    }

    private long send(ByteBuf bytes, FdBundle descriptors) throws IOException {
        sendCalls++;
        try {
            return socket.send(bytes, descriptors);
        } catch (NativeCallException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private long gatheredBytes() {
        long size = 0;
        for (int i = 0; i < gatheredCount; i++) {
            size += gathered[i].readableBytes();
        }
        return size;
    }

    private long sendGathered() throws IOException {
        sendCalls++;
        try {
            return socket.send(gathered, gatheredCount, FdBundle.empty());
        } catch (NativeCallException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static ByteBuf toDirect(ByteBuf bytes, ByteBufAllocator allocator) {
        int size = bytes.readableBytes();
        ByteBuf direct = allocator.directBuffer(size, size);
        direct.writeBytes(bytes, bytes.readerIndex(), size);
        bytes.release();
        return direct;
    }

    private static Chunk checked(Chunk chunk) {
        int count = chunk.descriptors().count();
        if (count > MessageSocket.MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "descriptors: "
                            + count
                            + " (expected: at most "
                            + MessageSocket.MAX_DESCRIPTORS
                            + " in one chunk)");
        }
        if (count > 0 && !chunk.bytes().isReadable()) {
            throw new IllegalArgumentException(
                    "bytes: 0 (expected: at least 1 to carry " + count + " descriptors)");
        }
        return chunk;
    }
}
