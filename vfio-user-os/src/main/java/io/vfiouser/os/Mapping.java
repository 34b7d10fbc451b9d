package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A range of a file, shared with other processes, as a memory segment.
///
/// Closing never waits: it lays a *tombstone* over the range, so that whoever still holds the
/// segment gets an `InternalError` that [MemoryFaults] recognises, and neither the memory nor a
/// crash. The addresses go back to the system when the last segment is unreachable. The same error
/// meets an access to a part that the file no longer covers because its owner truncated it.
///
/// May be used from any thread.
public final class Mapping implements AutoCloseable {
    private final MappedRange range;
    private final long size;
    private @Nullable MemorySegment segment;
    private boolean handedOut;
    private boolean closed;

    private Mapping(MappedRange range, MemorySegment segment) {
        this.range = range;
        this.size = segment.byteSize();
        this.segment = segment;
    }

    /// Maps a range of a file. The file is not checked to cover it; see [FileStatus#size()].
    ///
    /// @param fd stays the caller's; may be closed afterwards
    /// @param offset first byte in the file, of any alignment
    /// @param size bytes, at least 1
    /// @param protection what the segment may be used for; the descriptor must allow it, and
    ///   reading in any case
    /// @throws NativeCallException with EINVAL for a range that no file can have, EACCES if the
    ///   descriptor does not allow it, ENODEV if it cannot be mapped, ENOMEM if addresses run out
    public static Mapping map(FileDescriptor fd, long offset, long size, Protection protection) {
        long grain = MappedRange.grain(fd);
        if (offset < 0 || size <= 0 || size > Long.MAX_VALUE - offset - grain) {
            throw new NativeCallException(
                    "mmap",
                    Errno.EINVAL,
                    "fd=%d, offset=0x%x, size=0x%x".formatted(fd.intValue(), offset, size));
        }
        Tombstone.prepare();
        long start = offset - offset % grain;
        long end = (offset + size + grain - 1) / grain * grain;
        MappedRange range = MappedRange.map(fd, start, end - start, protection);
        MemorySegment exact = collectable(range).asSlice(offset - start, size);
        return new Mapping(range, protection.isWritable() ? exact : exact.asReadOnly());
    }

    /// Exactly the range asked for, read-only if the protection is.
    ///
    /// Do not touch it after [#close()]. Check with [MemoryFaults#deliverPending()] after an access
    /// whose failure must be noticed there and then.
    ///
    /// @throws IllegalStateException after close
    public synchronized MemorySegment segment() {
        MemorySegment open = segment;
        if (open == null) {
            throw new IllegalStateException("mapping: closed (expected: open)");
        }
        handedOut = true;
        return open;
    }

    /// Bytes of the range asked for.
    public long size() {
        return size;
    }

    /// Ends all access at once: about 12 µs for 64 MiB; idempotent. Memory that nobody else has is
    /// given back by another thread, which takes some 0.1 s for each GiB of it.
    ///
    /// If nobody ever asked for the segment, the addresses go back too, at once or soon.
    ///
    /// @throws NativeCallException if the kernel refuses; the mapping then stays open
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        if (handedOut) {
            range.setAside();
            Tombstone.lay(range.address(), range.size());
        } else {
            range.unmapSoon();
        }
        closed = true;
        segment = null;
    }

    @SuppressWarnings("restricted") // the one place where an address becomes a segment
    private static MemorySegment collectable(MappedRange range) {
        return MemorySegment.ofAddress(range.address())
                .reinterpret(range.size(), Arena.ofAuto(), _ -> range.unmap());
    }
}
