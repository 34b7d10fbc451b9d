package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vfiouser.os.FdBundle;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A message of which only the first part has arrived, with the descriptors that belong to it.
///
/// The buffer never has room for more than this message, so that the channel can read into it. It
/// is made for the whole message only after 64 KiB of it have arrived: a header alone, with a large
/// size in it, costs no more than that.
final class PartialMessage {
    static final int FIRST_CAPACITY = 64 * 1024;

    /// Below this many missing bytes an ordinary read, which may bring more messages, is better.
    static final int IN_PLACE_MINIMUM = 4096;

    private @Nullable ByteBuf buffer;
    private FdBundle descriptors = FdBundle.empty();
    private int size;

    boolean isPending() {
        return buffer != null;
    }

    ByteBuf bytes() {
        return Objects.requireNonNull(buffer, "buffer");
    }

    /// What has come with it; stays here.
    FdBundle descriptors() {
        return descriptors;
    }

    /// Whether `bytes` is the buffer of this message, filled further by the channel itself.
    @SuppressWarnings("ReferenceEquality") // the very object is meant, not one with equal bytes
    boolean isReadInto(ByteBuf bytes) {
        return bytes == buffer;
    }

    /// Starts with all of `bytes`, fewer than `size`, or than a header if `size` is not known yet.
    void start(
            ByteBuf bytes,
            int size,
            FdBundle descriptors,
            ByteBufAllocator allocator,
            int maxMessageSize) {
        this.descriptors = descriptors;
        this.size = size;
        buffer = allocator.ioBuffer(capacityFor(bytes.readableBytes()), maxMessageSize);
        buffer.writeBytes(bytes);
    }

    /// Adds what is missing of the header; returns whether it is whole now.
    boolean appendHeader(ByteBuf bytes) {
        ByteBuf to = bytes();
        int missing = HEADER_SIZE - to.writerIndex();
        if (missing > 0) {
            to.writeBytes(bytes, Math.min(missing, bytes.readableBytes()));
        }
        return to.writerIndex() >= HEADER_SIZE;
    }

    /// Adds what is missing of the message, whose header is whole and says `wholeSize`.
    void append(ByteBuf bytes, int wholeSize) {
        size = wholeSize;
        ByteBuf to = bytes();
        int arrived = Math.min(size - to.writerIndex(), bytes.readableBytes());
        makeRoomFor(to.writerIndex() + arrived);
        to.writeBytes(bytes, arrived);
    }

    boolean isWhole() {
        return bytes().writerIndex() == size;
    }

    /// The gathered message; its one reference moves to the caller, and nothing is pending then.
    ByteBuf takeBytes() {
        ByteBuf taken = bytes();
        buffer = null;
        return taken;
    }

    FdBundle takeDescriptors() {
        FdBundle taken = descriptors;
        descriptors = FdBundle.empty();
        return taken;
    }

    /// The buffer for the channel to read into, with a reference for it; empty if an ordinary read
    /// is better.
    Optional<ByteBuf> readInPlace() {
        ByteBuf to = buffer;
        if (to == null || size - to.writerIndex() < IN_PLACE_MINIMUM) {
            return Optional.empty();
        }
        makeRoomFor(to.writerIndex() + 1);
        return Optional.of(to.retain());
    }

    void drop() {
        FdBundle dropped = takeDescriptors();
        ByteBuf bytes = buffer;
        buffer = null;
        if (bytes != null) {
            bytes.release();
        }
        Discards.close(dropped);
    }

    private void makeRoomFor(int length) {
        ByteBuf to = bytes();
        if (length > to.capacity()) {
            to.capacity(capacityFor(length));
        }
    }

    private int capacityFor(int length) {
        return length >= FIRST_CAPACITY ? size : Math.min(size, FIRST_CAPACITY);
    }
}
