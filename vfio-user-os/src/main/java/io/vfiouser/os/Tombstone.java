package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;

/// What lies where a mapping used to be: an empty file, so that a stale access faults as an
/// exception instead of reaching memory it no longer may, or ending the process.
///
/// One empty memfd serves the whole process and stays open, so that laying a tombstone needs no
/// descriptor at a moment when there may be none left.
final class Tombstone {
    /// The name of the file as `/proc` shows it.
    static final String NAME = "vfio-user-tombstone";

    private static final FileDescriptor EMPTY_FILE = SharedMemory.createFile(NAME, 0);

    private Tombstone() {}

    /// A file without content, open for ever.
    static FileDescriptor emptyFile() {
        return EMPTY_FILE;
    }

    /// Makes sure that the file is there, at a time when failing is still harmless.
    static void prepare() {
        if (!EMPTY_FILE.isOpen()) {
            throw new IllegalStateException("tombstone file: closed (expected: open for ever)");
        }
    }

    /// Replaces whatever is mapped in the range.
    ///
    /// The file offset is the address itself: tombstones that touch each other then look like one
    /// mapping to the kernel, which merges them, so many do not eat up `vm.max_map_count`.
    static void lay(long address, long size) {
        long result =
                MappingCalls.mmap(
                        CallState.current(),
                        address,
                        size,
                        MappedRange.PROT_READ | MappedRange.PROT_WRITE,
                        MappedRange.MAP_SHARED | MappedRange.MAP_FIXED,
                        EMPTY_FILE.intValue(),
                        address);
        if (result < 0) {
            throw Descriptors.failure(
                    "mmap", result, "tombstone at 0x%x, size=0x%x".formatted(address, size));
        }
    }
}
