package io.vfiouser.server.image;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads what an [ImageWriter] wrote, in the same order. Whatever is not there ends in an
/// [ImageException].
public final class ImageReader {
    private final ByteBuf bytes;
    private final FdBundle descriptors;

    /// Starts at the beginning.
    ///
    /// @param image stays the caller's, but for the descriptors that are taken out
    public ImageReader(Image image) {
        this.bytes = Unpooled.wrappedBuffer(image.bytes());
        this.descriptors = image.descriptors();
    }

    /// A number of 4 bytes.
    public int number() {
        return need(Integer.BYTES).readInt();
    }

    /// A number of 4 bytes that counts things.
    ///
    /// @param most how many there can be
    public int count(int most) {
        int count = number();
        if (count < 0 || count > most) {
            throw new ImageException(
                    "count: " + count + " (expected: 0 to " + most + ", as the device has)");
        }
        return count;
    }

    /// A number of 8 bytes.
    public long longNumber() {
        return need(Long.BYTES).readLong();
    }

    /// A yes or no.
    public boolean flag() {
        return need(1).readByte() != 0;
    }

    /// Bytes.
    public byte[] bytes() {
        int size = number();
        if (size < 0) {
            throw new ImageException("size: " + size + " (expected: at least 0)");
        }
        need(size);
        byte[] value = new byte[size];
        bytes.readBytes(value);
        return value;
    }

    /// Exactly so many bytes.
    public byte[] bytes(int size) {
        byte[] value = bytes();
        if (value.length != size) {
            throw new ImageException(
                    "size: " + value.length + " (expected: " + size + ", as the device has)");
        }
        return value;
    }

    /// Text.
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /// A descriptor, owned by the caller.
    public FileDescriptor descriptor() {
        int index = number();
        if (index < 0 || index >= descriptors.count()) {
            throw new ImageException(
                    "descriptor: " + index + " (expected: one of " + descriptors.count() + ")");
        }
        return descriptors.take(index);
    }

    /// Descriptors, owned by the caller.
    public FdBundle descriptors() {
        int count = count(descriptors.count());
        List<FileDescriptor> taken = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                taken.add(descriptor());
            }
            return FdBundle.ofOwned(taken);
        } catch (RuntimeException e) {
            FdBundle.ofOwned(taken).close();
            throw e;
        }
    }

    /// Whether there is more.
    public boolean hasMore() {
        return bytes.isReadable();
    }

    private ByteBuf need(int count) {
        if (bytes.readableBytes() < count) {
            throw new ImageException(
                    "image: %d bytes left (expected: at least %d)"
                            .formatted(bytes.readableBytes(), count));
        }
        return bytes;
    }
}
