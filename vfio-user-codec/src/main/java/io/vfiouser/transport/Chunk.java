package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.vfiouser.os.FdBundle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The bytes and the descriptors of one read or one write.
///
/// A read without descriptors is a plain `ByteBuf` in the pipeline; with descriptors it is a chunk.
/// Counted by reference on its own: the last release releases the bytes once and closes the
/// descriptors that nobody took. Used on the channel's event loop.
public final class Chunk extends AbstractReferenceCounted {
    private final ByteBuf bytes;
    private FdBundle descriptors;

    private Chunk(ByteBuf bytes, FdBundle descriptors) {
        this.bytes = Objects.requireNonNull(bytes, "bytes");
        this.descriptors = Objects.requireNonNull(descriptors, "descriptors");
    }

    /// A chunk that takes over one reference to `bytes`, and `descriptors`.
    public static Chunk of(ByteBuf bytes, FdBundle descriptors) {
        return new Chunk(bytes, descriptors);
    }

    /// The bytes; they stay with the chunk.
    public ByteBuf bytes() {
        return bytes;
    }

    /// The descriptors; they stay with the chunk, but single ones can be taken out.
    public FdBundle descriptors() {
        return descriptors;
    }

    /// Moves all descriptors to the caller, who has to take or close them; the chunk has none then.
    public FdBundle takeDescriptors() {
        FdBundle taken = descriptors;
        descriptors = FdBundle.empty();
        return taken;
    }

    @Override
    public Chunk touch(@Nullable Object hint) {
        bytes.touch(hint);
        return this;
    }

    @Override
    public String toString() {
        return "Chunk[" + bytes.readableBytes() + " bytes, " + descriptors + "]";
    }

    @Override
    protected void deallocate() {
        try {
            bytes.release();
        } finally {
            descriptors.close();
        }
    }
}
