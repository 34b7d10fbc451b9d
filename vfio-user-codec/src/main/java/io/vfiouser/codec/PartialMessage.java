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
/// size in it, costs no more than that. A message whose data has a place of its own has only its
/// head here.
final class PartialMessage {
    static final int FIRST_CAPACITY = 64 * 1024;

    /// Below this many missing bytes an ordinary read, which may bring more messages, is better.
    static final int IN_PLACE_MINIMUM = 4096;

    private @Nullable ByteBuf buffer;
    private @Nullable ByteBuf place;
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

    /// Whether `bytes` is where this message goes, filled further by the channel itself.
    @SuppressWarnings("ReferenceEquality") // the very object is meant, not one with equal bytes
    boolean isReadInto(ByteBuf bytes) {
        return bytes == buffer || bytes == place;
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

    /// Starts with all of `bytes`, the last of which go to `data`, which has room for the end of
    /// the message and belongs to it from now on.
    void startPlaced(ByteBuf bytes, int size, ByteBuf data, ByteBufAllocator allocator) {
        this.size = size;
        int headSize = size - data.writableBytes();
        buffer = allocator.ioBuffer(headSize, headSize);
        buffer.writeBytes(bytes, headSize);
        data.writeBytes(bytes);
        place = data;
    }

    /// Whether the data of this message goes to a place of its own.
    boolean isPlaced() {
        return place != null;
    }

    /// Takes the data back from its place, to go on as if there were none.
    void gather(ByteBufAllocator allocator) {
        ByteBuf data = place;
        if (data != null) {
            ByteBuf head = bytes();
            ByteBuf whole = allocator.ioBuffer(size, size);
            whole.writeBytes(head).writeBytes(data);
            buffer = whole;
            place = null;
            head.release();
            data.release();
        }
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
        int arrived = Math.min(missing(), bytes.readableBytes());
        ByteBuf data = place;
        if (data != null) {
            data.writeBytes(bytes, arrived);
            return;
        }
        ByteBuf to = bytes();
        makeRoomFor(to.writerIndex() + arrived);
        to.writeBytes(bytes, arrived);
    }

    boolean isWhole() {
        return missing() == 0;
    }

    private int missing() {
        int come = bytes().writerIndex();
        return size - come - (place == null ? 0 : place.writerIndex());
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
        if (to == null || missing() < IN_PLACE_MINIMUM) {
            return Optional.empty();
        }
        ByteBuf data = place;
        if (data != null) {
            return Optional.of(data.retain());
        }
        makeRoomFor(to.writerIndex() + 1);
        return Optional.of(to.retain());
    }

    void drop() {
        FdBundle dropped = takeDescriptors();
        ByteBuf bytes = buffer;
        ByteBuf data = place;
        buffer = null;
        place = null;
        if (bytes != null) {
            bytes.release();
        }
        if (data != null) {
            data.release();
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
