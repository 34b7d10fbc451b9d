package io.vfiouser.server.image;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.FdBundle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Gathers the state of a device: numbers of 4 and 8 bytes, bytes with their count before them, and
/// descriptors, each a number into the list of them.
///
/// What is written stays where it is as well: descriptors are duplicated.
public final class ImageWriter implements AutoCloseable {
    private final ByteBuf bytes = Unpooled.buffer(1024);
    private List<FileDescriptor> descriptors = new ArrayList<>();

    /// Nothing gathered yet.
    public ImageWriter() {}

    /// Adds a number.
    public ImageWriter number(int value) {
        bytes.writeInt(value);
        return this;
    }

    /// Adds a number.
    public ImageWriter number(long value) {
        bytes.writeLong(value);
        return this;
    }

    /// Adds a yes or no.
    public ImageWriter flag(boolean value) {
        bytes.writeByte(value ? 1 : 0);
        return this;
    }

    /// Adds bytes.
    public ImageWriter bytes(byte[] value) {
        bytes.writeInt(value.length).writeBytes(value);
        return this;
    }

    /// Adds the readable bytes of a buffer, whose indexes stay.
    public ImageWriter bytes(ByteBuf value) {
        bytes.writeInt(value.readableBytes());
        bytes.writeBytes(value, value.readerIndex(), value.readableBytes());
        return this;
    }

    /// Adds text.
    public ImageWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /// Adds a duplicate of a descriptor.
    ///
    /// @throws io.vfiouser.os.NativeCallException with EMFILE if the limit of open files is reached
    public ImageWriter descriptor(FileDescriptor fd) {
        number(descriptors.size());
        descriptors.add(Descriptors.duplicate(fd));
        return this;
    }

    /// Adds duplicates of the descriptors that are in a bundle still, with their count.
    public ImageWriter descriptors(FdBundle bundle) {
        number(bundle.count());
        for (int i = 0; i < bundle.count(); i++) {
            descriptor(bundle.peek(i));
        }
        return this;
    }

    /// What was gathered; there is nothing in this any more.
    public Image finish() {
        byte[] all = new byte[bytes.readableBytes()];
        bytes.readBytes(all);
        var image = new Image(all, FdBundle.ofOwned(descriptors));
        descriptors = new ArrayList<>();
        return image;
    }

    /// Drops what was gathered and not taken.
    @Override
    public void close() {
        FdBundle.ofOwned(descriptors).close();
        descriptors = new ArrayList<>();
    }
}
