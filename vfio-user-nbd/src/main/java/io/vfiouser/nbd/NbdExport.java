package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockProperties;

/// What a server said of its export.
///
/// @param size bytes, in whole blocks of the smallest size
/// @param flags transmission flags
/// @param minimum smallest block, a power of two up to 65536
/// @param preferred preferred block, a power of two
/// @param maximum most bytes of one read or write
record NbdExport(long size, int flags, int minimum, int preferred, int maximum) {
    static final int DEFAULT_MINIMUM = 512;
    static final int DEFAULT_PREFERRED = 4096;
    static final int DEFAULT_MAXIMUM = 32 << 20;
    private static final int LARGEST_MINIMUM = 1 << 16;

    /// Checks everything the server said.
    ///
    /// @throws NbdFaultException for what cannot be used
    static NbdExport of(long size, int flags, int minimum, int preferred, long maximum) {
        if (size < 0) {
            throw new NbdFaultException(
                    "export size: 0x%x (expected: less than 2^63)".formatted(size));
        }
        if ((flags & NbdWire.SEND_HAS_FLAGS) == 0) {
            throw new NbdFaultException(
                    "transmission flags: 0x%x (expected: bit 0 set)".formatted(flags));
        }
        if (Integer.bitCount(minimum) != 1 || minimum < 0 || minimum > LARGEST_MINIMUM) {
            throw new NbdFaultException(
                    "minimum block size: %s (expected: a power of two up to %d)"
                            .formatted(Integer.toUnsignedString(minimum), LARGEST_MINIMUM));
        }
        int best =
                Integer.bitCount(preferred) == 1 && preferred >= minimum
                        ? preferred
                        : Math.max(minimum, DEFAULT_PREFERRED);
        long most = Math.min(maximum, DEFAULT_MAXIMUM) / minimum * minimum;
        if (most <= 0) {
            throw new NbdFaultException(
                    "maximum payload: %d (expected: at least %d)".formatted(maximum, minimum));
        }
        return new NbdExport(size - size % minimum, flags, minimum, best, (int) most);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// Whether requests made for `other` fit this one.
    boolean canReplace(NbdExport other) {
        return minimum <= other.minimum
                && (flags | NbdWire.CAN_MULTI_CONN) == (other.flags | NbdWire.CAN_MULTI_CONN)
                && maximum >= other.maximum;
    }

    BlockProperties properties() {
        boolean readOnly = has(NbdWire.SEND_READ_ONLY);
        return new BlockProperties(
                size,
                minimum,
                preferred,
                readOnly,
                !readOnly && has(NbdWire.SEND_FLUSH),
                !readOnly && has(NbdWire.SEND_TRIM),
                false,
                !readOnly && has(NbdWire.SEND_WRITE_ZEROES));
    }
}
