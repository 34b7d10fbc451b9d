package io.vfiouser.os;

/// What a mapping or an opened file may be used for.
public enum Protection {
    /// Reads only; a write to the segment throws `IllegalArgumentException`.
    READ,
    /// Writes. Memory has no write-only form, so the segment can be read too.
    WRITE,
    /// Reads and writes.
    READ_WRITE;

    boolean isWritable() {
        return this != READ;
    }
}
