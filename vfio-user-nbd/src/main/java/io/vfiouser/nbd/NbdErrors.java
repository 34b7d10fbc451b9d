package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockStatus;

/// What the error numbers of a server mean (proto.md, "Error values").
final class NbdErrors {
    /// The server is going down: worth trying elsewhere, or later.
    static final int SHUTDOWN = 108;

    private NbdErrors() {}

    static BlockStatus status(int error) {
        return switch (error) {
            case 1 -> BlockStatus.READ_ONLY;
            case 5 -> BlockStatus.MEDIA_ERROR;
            case 28 -> BlockStatus.NO_SPACE;
            case 95 -> BlockStatus.UNSUPPORTED;
            default -> BlockStatus.IO_ERROR;
        };
    }
}
