package io.vfiouser.devices.block.file;

import io.vfiouser.device.migration.Takeover;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.os.DiskFile;
import io.vfiouser.os.Errno;
import io.vfiouser.os.NativeCallException;

/// Opens a disk's file and finds out what it can do.
final class FileProbe {
    private static final int PREFERRED_SIZE = 4096;
    private static final int PROBE_LENGTH = 4096;

    private FileProbe() {}

    /// The file, made if need be, and locked.
    ///
    /// @throws IllegalArgumentException if that cannot be
    static DiskFile open(FileSettings settings) {
        try {
            if (settings.create() > 0) {
                createIfAbsent(settings);
            }
            DiskFile file = DiskFile.open(settings.path(), !settings.readOnly(), settings.direct());
            requireLock(file, settings);
            return file;
        } catch (NativeCallException e) {
            throw refused(settings, e);
        }
    }

    /// What the file can do.
    static BlockProperties properties(DiskFile file, int blockSize, FileSettings settings) {
        long size = file.size();
        boolean holes = !settings.readOnly() && can(file::punchHole, size);
        boolean zeros = !settings.readOnly() && (holes || can(file::zeroRange, size));
        return new BlockProperties(
                size - size % blockSize,
                blockSize,
                Math.max(PREFERRED_SIZE, blockSize),
                settings.readOnly(),
                settings.writeCache() && !settings.readOnly(),
                holes,
                holes,
                zeros);
    }

    /// How long the file is, in whole blocks.
    static long capacity(DiskFile file, int blockSize) {
        long size = file.size();
        return size - size % blockSize;
    }

    private static void createIfAbsent(FileSettings settings) {
        try {
            DiskFile.create(settings.path(), settings.create());
        } catch (NativeCallException e) {
            if (!e.errno().equals(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    /// Takes the lock that the settings ask for; false if someone else has it.
    static boolean lock(DiskFile file, FileSettings settings) {
        return !settings.lock() || file.tryLock(!settings.readOnly());
    }

    /// A disk that replaces one of another process gets its lock with the other's open file.
    private static void requireLock(DiskFile file, FileSettings settings) {
        boolean locked = false;
        try {
            locked = Takeover.isUnderWay() || lock(file, settings);
        } finally {
            if (!locked) {
                file.close();
            }
        }
        if (!locked) {
            throw new IllegalArgumentException(
                    "path: %s: locked by another disk or process (expected: free, or lock=false)"
                            .formatted(settings.path()));
        }
    }

    /// Asks for a change beyond the end, which changes nothing. A block device refuses that range
    /// as such; what it cannot do is seen when it is asked for.
    private static boolean can(RangeCall call, long size) {
        try {
            return call.run(size, PROBE_LENGTH);
        } catch (NativeCallException e) {
            return e.errno().equals(Errno.EINVAL);
        }
    }

    private static IllegalArgumentException refused(FileSettings settings, NativeCallException e) {
        String expected =
                settings.direct() && e.errno().equals(Errno.EINVAL)
                        ? "a file system with direct I/O, or direct=false"
                        : e.errno().equals(Errno.ENOENT)
                                ? "a file that exists, or create=SIZE"
                                : "one that can be opened";
        return new IllegalArgumentException(
                "path: %s: %s (expected: %s)"
                        .formatted(settings.path(), e.errno().text(), expected),
                e);
    }

    @FunctionalInterface
    private interface RangeCall {
        boolean run(long offset, long length);
    }
}
