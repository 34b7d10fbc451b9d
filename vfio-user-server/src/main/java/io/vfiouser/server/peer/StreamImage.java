package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.VfioUserChannel;
import java.util.ArrayList;
import java.util.List;

/// What is on our side of a stream: messages that came and were not run, the last of which may be
/// incomplete, and what was not sent yet.
///
/// @param incoming oldest first, owned
/// @param outgoing oldest first, owned
public record StreamImage(List<Chunk> incoming, List<Chunk> outgoing) implements AutoCloseable {
    /// Writes what has come; to be called for each part, between two numbers that say whether there
    /// is another one.
    ///
    /// @param part borrowed
    /// @param descriptors of it, borrowed
    public static void savePart(ImageWriter out, ByteBuf part, FdBundle descriptors) {
        out.flag(true).bytes(part).descriptors(descriptors);
    }

    /// Writes the end of the stream that has come, and what was not sent.
    ///
    /// @param decoder may have the beginning of a message
    /// @param channel suspended
    public static void saveRest(ImageWriter out, FrameDecoder decoder, VfioUserChannel channel) {
        decoder.viewPartial((bytes, descriptors) -> savePart(out, bytes, descriptors));
        out.flag(false);
        for (Object message : channel.unsent()) {
            switch (message) {
                case Chunk chunk -> savePart(out, chunk.bytes(), chunk.descriptors());
                case ByteBuf bytes -> savePart(out, bytes, FdBundle.empty());
                default -> throw new AssertionError(message); // the channel takes no other
            }
        }
        out.flag(false);
    }

    /// Reads what was written so.
    public static StreamImage read(ImageReader in) {
        var image = new StreamImage(new ArrayList<>(), new ArrayList<>());
        try {
            readParts(in, image.incoming);
            readParts(in, image.outgoing);
            return image;
        } catch (RuntimeException e) {
            image.close();
            throw e;
        }
    }

    /// Hands what was not sent to a channel that is registered, which owns it from now on.
    public void send(VfioUserChannel channel) {
        for (Chunk chunk : take(outgoing)) {
            var _ = channel.write(direct(channel, chunk), channel.voidPromise());
        }
        channel.flush();
    }

    /// Delivers what has come to the handlers of a channel, as if it came now.
    public void deliver(VfioUserChannel channel) {
        List<Chunk> chunks = take(incoming);
        if (!chunks.isEmpty()) {
            chunks.forEach(channel.pipeline()::fireChannelRead);
            channel.pipeline().fireChannelReadComplete();
        }
    }

    /// Drops what was neither sent nor delivered.
    @Override
    public void close() {
        take(incoming).forEach(Chunk::release);
        take(outgoing).forEach(Chunk::release);
    }

    private static void readParts(ImageReader in, List<Chunk> parts) {
        while (in.flag()) {
            ByteBuf bytes = Unpooled.wrappedBuffer(in.bytes());
            parts.add(Chunk.of(bytes, in.descriptors()));
        }
    }

    /// A chunk with bytes where the kernel takes them from without a copy later on.
    private static Object direct(VfioUserChannel channel, Chunk chunk) {
        if (chunk.descriptors().isEmpty()) {
            ByteBuf bytes = channel.alloc().directBuffer(chunk.bytes().readableBytes());
            bytes.writeBytes(chunk.bytes());
            chunk.release();
            return bytes;
        }
        return chunk;
    }

    private static List<Chunk> take(List<Chunk> parts) {
        List<Chunk> taken = List.copyOf(parts);
        parts.clear();
        return taken;
    }
}
