package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Memory without a file name that other processes can map once they have its descriptor (a memfd).
///
/// Its size is sealed: nobody who gets the descriptor can shrink it under our feet. It takes up a
/// descriptor and room only once it is used, so that thousands of idle devices cost none. May be
/// used from any thread.
public final class SharedMemory implements AutoCloseable {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;

    private static final int MAX_NAME = 249;

    private final String name;
    private final long size;
    private @Nullable FileDescriptor fd;
    private @Nullable Mapping mapping;
    private boolean closed;

    private SharedMemory(String name, long size) {
        this.name = name;
        this.size = size;
    }

    /// New memory, all zero, that takes up room only where it is written.
    ///
    /// @param name shown in `/proc`, at most 249 bytes; need not be unique
    /// @param size bytes, at least 1
    public static SharedMemory create(String name, long size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_NAME || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "name: "
                            + bytes
                            + " bytes (expected: at most "
                            + MAX_NAME
                            + ", none of them 0)");
        }
        return new SharedMemory(name, size);
    }

    /// Bytes, as asked for.
    public long size() {
        return size;
    }

    /// The whole memory for reading and writing; mapped when first asked for, the same each time.
    ///
    /// @throws IllegalStateException after close
    /// @throws NativeCallException as of [#fd()], or with ENOMEM if the kernel's limit of mappings
    ///   is reached
    public synchronized MemorySegment segment() {
        FileDescriptor file = fd();
        Mapping mapped = mapping;
        if (mapped == null) {
            mapped = Mapping.map(file, 0, size, Protection.READ_WRITE);
            mapping = mapped;
        }
        return mapped.segment();
    }

    /// Makes all of it zero again, also for those who have it mapped, and gives back the room that
    /// it took up.
    ///
    /// @throws IllegalStateException after close
    public synchronized void clear() {
        requireOpen();
        FileDescriptor file = fd;
        if (file == null) {
            return; // never used
        }
        int mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
        int result = MemoryFileCalls.fallocate(CallState.current(), file.intValue(), mode, 0, size);
        if (result < 0) {
            throw Descriptors.failure("fallocate", result, "punch hole, size=" + size);
        }
    }

    /// Makes a range zero again, also for those who have it mapped. The room that its whole pages
    /// take up goes back to the system.
    ///
    /// @param offset first byte
    /// @param length bytes; 0 does nothing
    /// @throws IndexOutOfBoundsException if the range is not within the memory
    /// @throws IllegalStateException after close
    public synchronized void release(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, size);
        requireOpen();
        FileDescriptor file = fd;
        if (file == null || length == 0) {
            return; // never used
        }
        int mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
        int result =
                MemoryFileCalls.fallocate(
                        CallState.current(), file.intValue(), mode, offset, length);
        if (result < 0) {
            throw Descriptors.failure(
                    "fallocate",
                    result,
                    "punch hole, offset=0x%x, size=0x%x".formatted(offset, length));
        }
    }

    /// Whether it has a descriptor yet.
    ///
    /// @throws IllegalStateException after close
    public synchronized boolean isUsed() {
        requireOpen();
        return fd != null;
    }

    /// The memory for another process, to be taken by [#adopt] there; owned by the caller.
    ///
    /// @throws IllegalStateException after close
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public synchronized FdBundle share() {
        return FdBundle.of(duplicate());
    }

    /// Takes the place of memory of the same size that another process has made this way, with what
    /// is in it, before it is used itself. A descriptor of the very memory that this is already is
    /// left in the bundle.
    ///
    /// @param bundle the descriptor is taken out of it only if it is taken over
    /// @param index which one
    /// @throws IllegalArgumentException if it is anything else than a file of this size that keeps
    ///   it
    /// @throws IllegalStateException if this memory has been used, or is closed
    public synchronized void adopt(FdBundle bundle, int index) {
        requireOpen();
        FileDescriptor memory = bundle.peek(index);
        FileStatus status = FileStatus.of(memory);
        int seals = DescriptorCalls.fcntl(CallState.current(), memory.intValue(), F_GET_SEALS, 0);
        if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || status.size() != size) {
            throw new IllegalArgumentException(
                    "fd: %d: %s of %d bytes, seals: 0x%x (expected: a memfd of %d that cannot shrink)"
                            .formatted(
                                    memory.intValue(),
                                    status.kind(),
                                    status.size(),
                                    Math.max(0, seals),
                                    size));
        }
        FileDescriptor used = fd;
        if (used == null) {
            fd = bundle.take(index);
        } else if (!FileStatus.of(used).isSameFile(status)) {
            throw new IllegalStateException(
                    name + ": in use (expected: memory that has not been used yet)");
        }
    }

    /// The descriptor, to send it to a peer; stays with this object, and is the same each time.
    ///
    /// @throws IllegalStateException after close
    /// @throws NativeCallException at the first use, with EMFILE if the limit of open files is
    ///   reached, EINVAL for a size that the kernel refuses
    public synchronized FileDescriptor fd() {
        requireOpen();
        FileDescriptor file = fd;
        if (file == null) {
            file = createFile(name, size);
            fd = file;
        }
        return file;
    }

    /// A second descriptor for the same memory, owned by the caller.
    ///
    /// @throws IllegalStateException after close
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public synchronized FileDescriptor duplicate() {
        return Descriptors.duplicate(fd());
    }

    /// A descriptor for the same memory that can be read and mapped for reading, but not written;
    /// owned by the caller. A process of the same user may still open the memory anew through
    /// `/proc`.
    ///
    /// @throws IllegalStateException after close
    /// @throws NativeCallException with EMFILE if the limit of open files is reached, ENOENT if
    ///   `/proc` is not there
    public synchronized FileDescriptor duplicateReadOnly() {
        return FileIo.open(Path.of("/proc/self/fd/" + fd().intValue()), Protection.READ);
    }

    /// Ends access through [#segment()] as [Mapping#close()] does, and closes the descriptor;
    /// idempotent. The memory itself lives on while others hold or map it.
    @Override
    public synchronized void close() {
        closed = true;
        try {
            if (mapping != null) {
                mapping.close();
            }
        } finally {
            if (fd != null) {
                Descriptors.close(fd);
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("shared memory: closed (expected: open)");
        }
    }

    static FileDescriptor createFile(String name, long size) {
        FileDescriptor fd = createEmpty(name);
        try {
            seal(fd, size);
            return fd;
        } catch (NativeCallException e) {
            Descriptors.close(fd);
            throw e;
        }
    }

    private static FileDescriptor createEmpty(String name) {
        try (Arena arena = Arena.ofConfined()) {
            int fd =
                    MemoryFileCalls.memfdCreate(
                            CallState.current(),
                            arena.allocateFrom(name).address(),
                            MFD_CLOEXEC | MFD_ALLOW_SEALING);
            if (fd < 0) {
                throw Descriptors.failure("memfd_create", fd, "name=" + name);
            }
            return new FileDescriptor(fd);
        }
    }

    private static void seal(FileDescriptor fd, long size) {
        CallState state = CallState.current();
        int result = MemoryFileCalls.ftruncate(state, fd.intValue(), size);
        if (result < 0) {
            throw Descriptors.failure("ftruncate", result, "size=" + size);
        }
        int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
        result = DescriptorCalls.fcntl(state, fd.intValue(), F_ADD_SEALS, seals);
        if (result < 0) {
            throw Descriptors.failure("fcntl", result, "F_ADD_SEALS");
        }
    }
}
