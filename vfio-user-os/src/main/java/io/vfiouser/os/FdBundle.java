package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The descriptors that travel with one message. Closing it closes those that nobody took.
///
/// Used by one thread at a time; it may be handed from one to another. Owned by whoever holds the
/// message; [#take(int)] moves a single descriptor out of it.
public final class FdBundle implements AutoCloseable {
    private static final FdBundle EMPTY = new FdBundle(new FileDescriptor[0]);

    private final @Nullable FileDescriptor[] descriptors;

    private FdBundle(@Nullable FileDescriptor[] descriptors) {
        this.descriptors = descriptors;
    }

    /// A bundle without descriptors, the same one each time; closing it does nothing.
    public static FdBundle empty() {
        return EMPTY;
    }

    /// A bundle that owns the given descriptors from now on, in their order.
    public static FdBundle of(FileDescriptor... descriptors) {
        return ofOwned(List.of(descriptors));
    }

    /// A bundle that owns the given descriptors from now on, in their order.
    public static FdBundle ofOwned(List<FileDescriptor> descriptors) {
        return descriptors.isEmpty()
                ? EMPTY
                : new FdBundle(List.copyOf(descriptors).toArray(new FileDescriptor[0]));
    }

    /// How many descriptors came with the message, taken ones included.
    public int count() {
        return descriptors.length;
    }

    /// Whether the message came without descriptors.
    public boolean isEmpty() {
        return descriptors.length == 0;
    }

    /// Moves one descriptor to the caller, who has to close it from now on.
    ///
    /// @param index position in the message, 0 to `count() - 1`
    /// @throws IllegalStateException if it was taken before or the bundle is closed
    public FileDescriptor take(int index) {
        FileDescriptor fd = peek(index);
        descriptors[index] = null;
        return fd;
    }

    /// Looks at one descriptor, which stays with the bundle.
    ///
    /// @param index position in the message, 0 to `count() - 1`
    /// @throws IllegalStateException if it was taken before or the bundle is closed
    public FileDescriptor peek(int index) {
        FileDescriptor fd = descriptors[Objects.checkIndex(index, descriptors.length)];
        if (fd == null) {
            throw new IllegalStateException(
                    "descriptor " + index + ": taken or closed (expected: still in the bundle)");
        }
        return fd;
    }

    /// Closes what nobody took, as [PeerDescriptors#close] does; nothing happens the second time.
    @Override
    public void close() {
        for (int i = 0; i < descriptors.length; i++) {
            FileDescriptor fd = descriptors[i];
            descriptors[i] = null;
            if (fd != null) {
                PeerDescriptors.close(fd);
            }
        }
    }

    /// The descriptor numbers, `-` for those taken, as in `FdBundle[12, -, 14]`.
    @Override
    public String toString() {
        var text = new StringBuilder("FdBundle[");
        for (int i = 0; i < descriptors.length; i++) {
            FileDescriptor fd = descriptors[i];
            text.append(i == 0 ? "" : ", ").append(fd == null ? "-" : fd.intValue());
        }
        return text.append(']').toString();
    }
}
