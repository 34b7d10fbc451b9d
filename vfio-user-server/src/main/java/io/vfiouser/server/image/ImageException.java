package io.vfiouser.server.image;

/// A device cannot be taken along, or what came of one does not fit the device that shall go on.
public final class ImageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Says what was found and what was expected.
    public ImageException(String message) {
        super(message);
    }
}
