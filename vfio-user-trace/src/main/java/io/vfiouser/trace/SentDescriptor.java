package io.vfiouser.trace;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What a descriptor that travelled with a message stood for.
///
/// @param kind a memfd is [FileStatus.Kind#REGULAR], an eventfd [FileStatus.Kind#ANONYMOUS]
/// @param size bytes; 0 for what has no size
public record SentDescriptor(FileStatus.Kind kind, long size) {
    /// Checks that the size is none below 0.
    public SentDescriptor {
        Objects.requireNonNull(kind, "kind");
        if (size < 0) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 0)");
        }
    }

    /// Asks the kernel about each descriptor of a message.
    public static List<SentDescriptor> of(FdBundle descriptors) {
        var all = new ArrayList<SentDescriptor>(descriptors.count());
        for (int i = 0; i < descriptors.count(); i++) {
            all.add(of(descriptors.peek(i)));
        }
        return List.copyOf(all);
    }

    private static SentDescriptor of(FileDescriptor fd) {
        FileStatus status = FileStatus.of(fd);
        return new SentDescriptor(status.kind(), Math.max(0, status.size()));
    }

    /// Such as `file of 0x100000`, `eventfd`, `socket`.
    @Override
    public String toString() {
        return switch (kind) {
            case REGULAR -> "file of 0x" + Long.toHexString(size);
            case DIRECTORY -> "directory";
            case PIPE -> "pipe";
            case SOCKET -> "socket";
            case CHARACTER -> "character device";
            case BLOCK -> "block device";
            case ANONYMOUS -> "eventfd";
        };
    }
}
