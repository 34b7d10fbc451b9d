package io.vfiouser.server.image;

import io.vfiouser.os.FdBundle;

/// The state of one device, with the descriptors that belong to it.
public final class Image implements AutoCloseable {
    private final byte[] bytes;
    private final FdBundle descriptors;

    /// An image.
    ///
    /// @param bytes what an [ImageWriter] wrote
    /// @param descriptors owned by whoever has the image
    public Image(byte[] bytes, FdBundle descriptors) {
        this.bytes = bytes;
        this.descriptors = descriptors;
    }

    /// What was written; not a copy.
    public byte[] bytes() {
        return bytes;
    }

    /// The descriptors; they stay here, but single ones can be taken out.
    public FdBundle descriptors() {
        return descriptors;
    }

    /// Closes the descriptors that nobody took out.
    @Override
    public void close() {
        descriptors.close();
    }
}
