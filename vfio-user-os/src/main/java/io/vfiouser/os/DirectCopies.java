package io.vfiouser.os;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Turns buffers of any kind into direct memory for one send, copying what lies on the heap.
final class DirectCopies implements AutoCloseable {
    /// A send takes little more than a socket's queue, so copying all of a large buffer would be
    /// wasted work.
    private static final int MAX_COPY = 256 * 1024;

    private final List<ByteBuf> copies = new ArrayList<>();
    private boolean cut;

    /// Whether more may follow what was given so far.
    boolean hasRoom() {
        return !cut;
    }

    /// The readable bytes of `buffer`, or the first [#MAX_COPY] of them, as direct memory that
    /// lasts until [#close()].
    ByteBuffer[] direct(ByteBuf buffer) {
        int size = buffer.readableBytes();
        if (buffer.isDirect() && buffer.nioBufferCount() > 0) {
            ByteBuffer[] pieces = buffer.nioBuffers(buffer.readerIndex(), size);
            if (pieces.length <= MessageScratch.MAX_IOVECS && allDirect(pieces)) {
                return pieces;
            }
        }
        int copied = Math.min(size, MAX_COPY);
        cut = copied < size;
        ByteBuf copy = buffer.alloc().directBuffer(copied, copied);
        copies.add(copy);
        copy.writeBytes(buffer, buffer.readerIndex(), copied);
        return new ByteBuffer[] {copy.nioBuffer()};
    }

    @Override
    public void close() {
        copies.forEach(ByteBuf::release);
    }

    private static boolean allDirect(ByteBuffer[] pieces) {
        for (ByteBuffer piece : pieces) {
            if (!piece.isDirect()) {
                return false;
            }
        }
        return true;
    }
}
