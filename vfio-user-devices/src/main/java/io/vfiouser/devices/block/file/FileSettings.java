package io.vfiouser.devices.block.file;

import io.vfiouser.device.Setting;
import java.nio.file.Path;

/// The settings of the `file` backend.
///
/// @param path the file or block device
/// @param create bytes of the file that is made if there is none; 0 for none
/// @param direct whether to go around the page cache
/// @param readOnly whether to refuse changes
/// @param writeCache whether a write is completed once it is in the page cache, so that only a
///   flush makes it durable; else every write is durable when it is completed
/// @param lock whether to refuse a file that someone else has locked, and to lock it for others
/// @param threads most requests at the disk at the same time, 1 to 256
public record FileSettings(
        @Setting("the file or block device") Path path,
        @Setting("make a sparse file of so many bytes if there is none; 0: do not") long create,
        @Setting("go around the page cache (O_DIRECT)") boolean direct,
        @Setting("refuse changes") boolean readOnly,
        @Setting("complete writes once they are in the page cache; false: once they are durable")
                boolean writeCache,
        @Setting("lock it against a second server (flock)") boolean lock,
        @Setting("most requests at the disk at a time, 1 to 256") int threads) {
    private static final int MAX_THREADS = 256;

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException for one that is out of its range
    public FileSettings {
        if (create < 0) {
            throw new IllegalArgumentException("create: " + create + " (expected: 0 or more)");
        }
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException(
                    "threads: %d (expected: 1 to %d)".formatted(threads, MAX_THREADS));
        }
        if (readOnly && create > 0) {
            throw new IllegalArgumentException(
                    "create: " + create + " (expected: 0 with read-only=true)");
        }
    }

    /// What applies where nothing else is said, for this file: a file that exists, through the page
    /// cache, with a write cache, locked, four requests at a time.
    public static FileSettings of(Path path) {
        return new FileSettings(path, 0, false, false, true, true, 4);
    }

    /// The same, but making the file if there is none.
    public FileSettings withCreate(long bytes) {
        return new FileSettings(path, bytes, direct, readOnly, writeCache, lock, threads);
    }

    /// The same with direct I/O or without.
    public FileSettings withDirect(boolean direct) {
        return new FileSettings(path, create, direct, readOnly, writeCache, lock, threads);
    }

    /// The same, refusing changes or not.
    public FileSettings withReadOnly(boolean readOnly) {
        return new FileSettings(path, create, direct, readOnly, writeCache, lock, threads);
    }

    /// The same with a write cache or without.
    public FileSettings withWriteCache(boolean writeCache) {
        return new FileSettings(path, create, direct, readOnly, writeCache, lock, threads);
    }
}
