package io.vfiouser.devices.block.file;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeCallException;
import java.io.UncheckedIOException;
import java.util.Map;

/// What the errors of file calls mean for a request.
final class FileErrors {
    private static final Errno EDQUOT = Errno.of(122);
    private static final Map<Errno, BlockStatus> BY_ERRNO =
            Map.of(
                    Errno.EIO,
                    BlockStatus.MEDIA_ERROR,
                    Errno.ENOSPC,
                    BlockStatus.NO_SPACE,
                    EDQUOT,
                    BlockStatus.NO_SPACE,
                    Errno.EFBIG,
                    BlockStatus.NO_SPACE,
                    Errno.EROFS,
                    BlockStatus.READ_ONLY,
                    Errno.EPERM,
                    BlockStatus.READ_ONLY,
                    Errno.EFAULT,
                    BlockStatus.MEMORY_FAULT);

    private FileErrors() {}

    /// The status for what a file call threw.
    static BlockStatus status(RuntimeException thrown) {
        return switch (thrown) {
            case NativeCallException e -> BY_ERRNO.getOrDefault(e.errno(), BlockStatus.IO_ERROR);
            case UncheckedIOException _ -> BlockStatus.MEDIA_ERROR; // the file was cut
            default -> BlockStatus.IO_ERROR;
        };
    }

    /// The status for a fault in the request's memory.
    ///
    /// @throws InternalError what was thrown, if it is something else
    static BlockStatus status(InternalError thrown) {
        if (MemoryFaults.isFault(thrown)) {
            return BlockStatus.MEMORY_FAULT;
        }
        throw thrown;
    }
}
