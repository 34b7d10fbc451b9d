package io.vfiouser.device.region;

import java.util.Objects;

/// A named register: what a data sheet says of it.
///
/// @param offset first byte, counted from the start of the region
/// @param width bytes: 1, 2, 4 or 8; more for a block of bytes that is only accessed as a whole
/// @param name as in the data sheet
/// @param access who may do what
public record Register(long offset, int width, String name, Access access) {
    /// What a client may do with a register.
    public enum Access {
        /// Reads and writes.
        READ_WRITE,
        /// Reads; writes are ignored.
        READ_ONLY,
        /// Writes; reads give the block's fill byte.
        WRITE_ONLY
    }

    /// Checks the fields.
    public Register {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(access, "access");
        if (offset < 0 || width < 1) {
            throw new IllegalArgumentException(
                    name
                            + ": offset: "
                            + offset
                            + ", width: "
                            + width
                            + " (expected: offset >= 0, width >= 1)");
        }
    }

    /// The first offset after the register.
    public long end() {
        return offset + width;
    }
}
