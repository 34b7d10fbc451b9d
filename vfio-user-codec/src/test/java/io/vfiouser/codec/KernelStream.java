package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.transport.Chunk;
import java.util.ArrayDeque;
import java.util.Deque;

/// Hands out what was sent the way Linux does on a stream socket.
///
/// Descriptors come with the read that takes the first byte they were sent with, and a read ends
/// after the part that brought descriptors, so that it has those of one part at most.
final class KernelStream {
    private final Deque<Part> parts = new ArrayDeque<>();

    void send(byte[] bytes, FileDescriptor... descriptors) {
        parts.add(new Part(Unpooled.wrappedBuffer(bytes), FdBundle.of(descriptors)));
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /// What `recvmsg` with room for `max` bytes gives: a `ByteBuf`, or a [Chunk] with descriptors.
    Object receive(ByteBuf into, int max) {
        FdBundle received = FdBundle.empty();
        while (!parts.isEmpty() && into.readableBytes() < max && received.count() == 0) {
            Part part = parts.remove();
            received = part.descriptors();
            int room = max - into.readableBytes();
            into.writeBytes(part.bytes(), Math.min(part.bytes().readableBytes(), room));
            if (part.bytes().isReadable()) {
                parts.addFirst(new Part(part.bytes(), FdBundle.empty()));
            }
        }
        return received.count() == 0 ? into : Chunk.of(into, received);
    }

    private record Part(ByteBuf bytes, FdBundle descriptors) {}
}
