package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A file or block device that holds a disk: vectored reads and writes at any offset, holes, and
/// the alignment that direct I/O asks for.
///
/// Memory may be guest memory: what turns out not to be backed any more ends the call with EFAULT.
/// All calls may wait for the disk, except where they say otherwise, and may be made from any
/// thread, also while another closes the file: a call that has begun ends properly, a later one
/// throws with EBADF. Offsets and lengths are in bytes.
public final class DiskFile implements AutoCloseable {
    /// What [#readCached] and [#writeCached] return if nothing can be done without waiting now.
    public static final long WOULD_WAIT = -1;

    /// What [#readCached] and [#writeCached] return if the file system never tells whether a call
    /// would wait.
    public static final long NEVER_TELLS = -2;

    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_DIRECT =
            System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;
    private static final int OWNER_AND_GROUP = 0b110_100_000;

    private static final int RWF_DSYNC = 2;
    private static final int RWF_NOWAIT = 8;
    private static final int LOCK_SHARED = 1;
    private static final int LOCK_EXCLUSIVE = 2;
    private static final int LOCK_NOWAIT = 4;
    private static final int SEEK_END = 2;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 0x10;
    private static final long TMPFS_MAGIC = 0x01021994L;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final int DEFAULT_ALIGNMENT = 4096;
    private static final MemorySegment EMPTY_PATH = Arena.global().allocate(1);

    private final FileDescriptor fd;
    private final boolean direct;
    private final FileStatus.Kind kind;
    private final UseCount uses = new UseCount();
    private final AtomicReference<@Nullable FileDescriptor> lock = new AtomicReference<>();

    private DiskFile(FileDescriptor fd, boolean direct, FileStatus.Kind kind) {
        this.fd = fd;
        this.direct = direct;
        this.kind = kind;
    }

    /// Opens a file or block device that exists.
    ///
    /// @param writable whether it will be written to
    /// @param direct whether to go around the page cache (`O_DIRECT`)
    /// @throws NativeCallException such as ENOENT or EACCES; EINVAL if the file system has no
    ///   direct I/O
    /// @throws IllegalArgumentException if it is neither a file nor a block device
    public static DiskFile open(Path path, boolean writable, boolean direct) {
        int flags = (writable ? O_RDWR : 0) | (direct ? O_DIRECT : 0);
        FileDescriptor fd = open(path, flags);
        try {
            FileStatus.Kind kind = FileStatus.of(fd).kind();
            if (kind != FileStatus.Kind.REGULAR && kind != FileStatus.Kind.BLOCK) {
                throw new IllegalArgumentException(
                        "path: %s: %s (expected: a file or a block device)"
                                .formatted(path, kind.name().toLowerCase(Locale.ROOT)));
            }
            return new DiskFile(fd, direct, kind);
        } catch (RuntimeException e) {
            Descriptors.close(fd);
            throw e;
        }
    }

    /// Makes a new file, all zeros, that takes up no room yet. Its owner may read and write it, its
    /// group may read it.
    ///
    /// @throws NativeCallException with EEXIST if there is one, or such as EACCES
    public static void create(Path path, long size) {
        FileDescriptor fd = open(path, O_RDWR | O_CREAT | O_EXCL);
        try {
            truncate(fd, size);
        } finally {
            Descriptors.close(fd);
        }
    }

    /// Takes a lock that others who ask for one see (`flock`), until this is closed; does not wait.
    ///
    /// @param exclusive whether nobody else may have one at the same time
    /// @return false if someone else has it
    public boolean tryLock(boolean exclusive) {
        int operation = (exclusive ? LOCK_EXCLUSIVE : LOCK_SHARED) | LOCK_NOWAIT;
        int number = enter("flock");
        try {
            int result = FileCalls.flock(CallState.current(), number, operation);
            if (result == -Errno.EAGAIN.number()) {
                return false;
            }
            require("flock", result, "");
            return true;
        } finally {
            exit();
        }
    }

    /// The open file with its lock, for another process; owned by the caller.
    ///
    /// @throws NativeCallException with EMFILE if the limit of open files is reached, EBADF if this
    ///   is closed
    public FdBundle share() {
        int number = enter("fcntl");
        try {
            return FdBundle.of(Descriptors.duplicate(new FileDescriptor(number)));
        } finally {
            exit();
        }
    }

    /// Shares the lock of the same disk in another process, until this is closed.
    ///
    /// @param shared what [#share()] gave there; its descriptor is taken out of it
    /// @throws IllegalArgumentException if it is of another file
    public void shareLock(FdBundle shared) {
        int number = enter("statx");
        try {
            FileStatus disk = FileStatus.of(new FileDescriptor(number));
            if (!FileStatus.of(shared.peek(0)).isSameFile(disk)) {
                throw new IllegalArgumentException(
                        shared + ": another file (expected: one of this disk)");
            }
            FileDescriptor before = lock.getAndSet(shared.take(0));
            if (before != null) {
                Descriptors.close(before);
            }
        } finally {
            exit();
        }
    }

    /// Its size now, also of a block device.
    public long size() {
        int number = enter("lseek");
        try {
            return require(
                    "lseek", FileCalls.lseek(CallState.current(), number, 0, SEEK_END), "end");
        } finally {
            exit();
        }
    }

    /// Cuts the file, or makes it longer with zeros that take up no room.
    ///
    /// @throws NativeCallException with EINVAL for a block device
    public void resize(long size) {
        enter("ftruncate");
        try {
            truncate(fd, size);
        } finally {
            exit();
        }
    }

    /// Whether it is in memory (`tmpfs`), so that no call ever waits for a disk.
    public boolean isInMemory() {
        int number = enter("fstatfs");
        try {
            CallState state = CallState.current();
            MemorySegment memory = state.memory();
            require("fstatfs", StatusCalls.fstatfs(state, number, memory.address()), "");
            return kind == FileStatus.Kind.REGULAR
                    && memory.get(JAVA_INT, StructLayouts.STATFS_TYPE) == TMPFS_MAGIC;
        } finally {
            exit();
        }
    }

    /// What offsets and lengths must be multiples of: 1 without direct I/O.
    public int offsetAlignment() {
        return direct ? alignment(StructLayouts.STATX_DIRECT_OFFSET_ALIGNMENT) : 1;
    }

    /// What addresses of memory must be multiples of: 1 without direct I/O.
    public int memoryAlignment() {
        return direct ? alignment(StructLayouts.STATX_DIRECT_MEMORY_ALIGNMENT) : 1;
    }

    /// Reads once.
    ///
    /// @param into not changed; [IoVector#skip] what was read before the next call
    /// @return the bytes read, 0 at the end of the file
    public long read(IoVector into, long offset) {
        return require("preadv2", tryRead(into, offset, 0), "offset=0x%x", offset);
    }

    /// Reads once what can be had without waiting for the disk.
    ///
    /// @return the bytes read; [#WOULD_WAIT] or [#NEVER_TELLS] if none can be had so
    public long readCached(IoVector into, long offset) {
        return cached("preadv2", tryRead(into, offset, RWF_NOWAIT), offset);
    }

    /// Writes once.
    ///
    /// @param from not changed; [IoVector#skip] what was written before the next call
    /// @param durable whether it must be on stable storage when this returns
    /// @return the bytes written
    public long write(IoVector from, long offset, boolean durable) {
        long result = tryWrite(from, offset, durable ? RWF_DSYNC : 0);
        return require("pwritev2", result, "offset=0x%x", offset);
    }

    /// Writes once what can be taken without waiting for the disk.
    ///
    /// @return the bytes written; [#WOULD_WAIT] or [#NEVER_TELLS] if none can be taken so
    public long writeCached(IoVector from, long offset) {
        return cached("pwritev2", tryWrite(from, offset, RWF_NOWAIT), offset);
    }

    /// Waits until everything written so far is on stable storage (`fdatasync`).
    public void sync() {
        int number = enter("fdatasync");
        try {
            int result;
            do {
                result = FileCalls.fdatasync(CallState.current(), number);
            } while (result == -Errno.EINTR.number());
            require("fdatasync", result, "");
        } finally {
            exit();
        }
    }

    /// Makes a range zero and gives its room back.
    ///
    /// @return false if the file system cannot do that
    public boolean punchHole(long offset, long length) {
        return allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
    }

    /// Makes a range zero without writing it, keeping its room.
    ///
    /// @return false if the file system cannot do that
    public boolean zeroRange(long offset, long length) {
        return allocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, length);
    }

    /// Closes it as soon as no call is in the middle of using it; idempotent.
    @Override
    public void close() {
        if (uses.closeIsLast()) {
            release();
        }
    }

    private long tryRead(IoVector into, long offset, int flags) {
        if (!into.isWritable()) {
            throw new IllegalArgumentException("into: read-only (expected: writable)");
        }
        int number = enter("preadv2");
        try {
            CallState state = CallState.current();
            long result;
            do {
                result =
                        FileCalls.preadv2Waiting(
                                state, number, into.address(), into.count(), offset, flags);
            } while (result == -Errno.EINTR.number());
            return result;
        } finally {
            Reference.reachabilityFence(into);
            exit();
        }
    }

    private long tryWrite(IoVector from, long offset, int flags) {
        int number = enter("pwritev2");
        try {
            CallState state = CallState.current();
            long result;
            do {
                result =
                        FileCalls.pwritev2(
                                state, number, from.address(), from.count(), offset, flags);
            } while (result == -Errno.EINTR.number());
            return result;
        } finally {
            Reference.reachabilityFence(from);
            exit();
        }
    }

    private boolean allocate(int mode, long offset, long length) {
        int number = enter("fallocate");
        try {
            int result;
            do {
                result =
                        MemoryFileCalls.fallocate(
                                CallState.current(), number, mode, offset, length);
            } while (result == -Errno.EINTR.number());
            if (result == -Errno.ENOTSUP.number()) {
                return false;
            }
            require("fallocate", result, "offset=0x%x", offset);
            return true;
        } finally {
            exit();
        }
    }

    private int alignment(int field) {
        int number = enter("statx");
        try {
            CallState state = CallState.current();
            MemorySegment memory = state.memory();
            memory.set(JAVA_INT, field, 0);
            int result =
                    StatusCalls.statx(
                            state,
                            number,
                            EMPTY_PATH.address(),
                            AT_EMPTY_PATH,
                            STATX_DIOALIGN,
                            memory.address());
            int alignment = result < 0 ? 0 : memory.get(JAVA_INT, field);
            return alignment > 0 ? alignment : DEFAULT_ALIGNMENT; // unknown before Linux 6.1
        } finally {
            exit();
        }
    }

    private int enter(String call) {
        if (!uses.enter()) {
            throw new NativeCallException(call, Errno.EBADF, "closed");
        }
        return fd.intValue();
    }

    private void exit() {
        if (uses.exitIsLast()) {
            release();
        }
    }

    private void release() {
        Descriptors.close(fd);
        FileDescriptor shared = lock.getAndSet(null);
        if (shared != null) {
            Descriptors.close(shared);
        }
    }

    private static long cached(String call, long result, long offset) {
        if (result == -Errno.EAGAIN.number()) {
            return WOULD_WAIT;
        }
        if (result == -Errno.ENOTSUP.number()) {
            return NEVER_TELLS;
        }
        return require(call, result, "offset=0x%x", offset);
    }

    private static long require(String call, long result, String arguments) {
        if (result < 0) {
            throw Descriptors.failure(call, result, arguments);
        }
        return result;
    }

    private static long require(String call, long result, String format, long value) {
        return result < 0 ? require(call, result, format.formatted(value)) : result;
    }

    private static FileDescriptor open(Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            int result =
                    FileCalls.open(CallState.current(), name, flags | O_CLOEXEC, OWNER_AND_GROUP);
            return new FileDescriptor((int) require("open", result, "path=" + path));
        }
    }

    private static void truncate(FileDescriptor fd, long size) {
        int result = MemoryFileCalls.ftruncate(CallState.current(), fd.intValue(), size);
        require("ftruncate", result, "size=%d", size);
    }
}
