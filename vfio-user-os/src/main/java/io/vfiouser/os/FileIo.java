package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;

/// Reads and writes a file at given offsets, straight from and to memory segments.
///
/// Segments must be native, may be guest memory, and are tried again by the kernel page by page: if
/// one turns out not to be backed by memory any more, the call ends with EFAULT instead of a fault.
/// All calls may block on the disk. Offsets and sizes are in bytes.
public final class FileIo {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;

    private FileIo() {}

    /// Opens a file that exists already.
    ///
    /// @param protection READ opens it for reading, the others for reading and writing
    /// @return a new descriptor, owned by the caller
    /// @throws NativeCallException such as ENOENT or EACCES
    public static FileDescriptor open(Path path, Protection protection) {
        int flags = (protection.isWritable() ? O_RDWR : O_RDONLY) | O_CLOEXEC;
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            int fd = FileCalls.open(CallState.current(), name, flags, 0);
            if (fd < 0) {
                throw Descriptors.failure("open", fd, "path=" + path);
            }
            return new FileDescriptor(fd);
        }
    }

    /// Reads once, up to the size of `into`.
    ///
    /// @return the bytes read, 0 at the end of the file
    public static long pread(FileDescriptor fd, MemorySegment into, long offset) {
        return preadv(fd, List.of(into), offset);
    }

    /// Writes once, up to the size of `from`, and returns the bytes written.
    public static long pwrite(FileDescriptor fd, MemorySegment from, long offset) {
        return pwritev(fd, List.of(from), offset);
    }

    /// Reads once into several segments in turn, of which the first 64 are used.
    ///
    /// @return the bytes read, 0 at the end of the file
    public static long preadv(FileDescriptor fd, List<MemorySegment> into, long offset) {
        for (MemorySegment segment : into) {
            if (segment.isReadOnly()) {
                throw new IllegalArgumentException("into: read-only (expected: writable)");
            }
        }
        return transfer(FileCalls::preadv, "preadv", fd, into, offset);
    }

    /// Writes once from several segments in turn, of which the first 64 are used.
    ///
    /// @return the bytes written
    public static long pwritev(FileDescriptor fd, List<MemorySegment> from, long offset) {
        return transfer(FileCalls::pwritev, "pwritev", fd, from, offset);
    }

    /// Reads until `into` is full.
    ///
    /// @throws UncheckedIOException with an `EOFException` if the file ends before that
    public static void readFully(FileDescriptor fd, MemorySegment into, long offset) {
        long done = 0;
        while (done < into.byteSize()) {
            long count = pread(fd, into.asSlice(done), offset + done);
            if (count == 0) {
                throw new UncheckedIOException(
                        new EOFException(
                                "file size: %d (expected: at least %d)"
                                        .formatted(offset + done, offset + into.byteSize())));
            }
            done += count;
        }
    }

    /// Writes until all of `from` is in the file.
    public static void writeFully(FileDescriptor fd, MemorySegment from, long offset) {
        long done = 0;
        while (done < from.byteSize()) {
            done += pwrite(fd, from.asSlice(done), offset + done);
        }
    }

    /// Waits until everything written to the file so far is on stable storage (`fdatasync`).
    public static void sync(FileDescriptor fd) {
        int result;
        do {
            result = FileCalls.fdatasync(CallState.current(), fd.intValue());
        } while (result == -Errno.EINTR.number());
        if (result < 0) {
            throw Descriptors.failure("fdatasync", result, "fd=" + fd.intValue());
        }
    }

    private static long transfer(
            Call call, String name, FileDescriptor fd, List<MemorySegment> segments, long offset) {
        MessageScratch scratch = MessageScratch.current();
        int parts = Math.min(segments.size(), MessageScratch.MAX_IOVECS);
        long total = 0;
        for (int i = 0; i < parts; i++) {
            MemorySegment segment = segments.get(i);
            if (!segment.isNative()) {
                throw new IllegalArgumentException("segment: on the heap (expected: native)");
            }
            scratch.setPart(i, segment.address(), segment.byteSize());
            total += segment.byteSize();
        }
        if (total == 0) {
            return 0;
        }
        try {
            long result;
            do {
                result = call.run(scratch.state(), fd.intValue(), scratch.parts(), parts, offset);
            } while (result == -Errno.EINTR.number());
            if (result < 0) {
                throw Descriptors.failure(
                        name,
                        result,
                        "fd=%d, size=%d, offset=0x%x".formatted(fd.intValue(), total, offset));
            }
            return result;
        } finally {
            Reference.reachabilityFence(segments);
        }
    }

    @FunctionalInterface
    private interface Call {
        long run(CallState state, int fd, long iovecs, int count, long offset);
    }
}
