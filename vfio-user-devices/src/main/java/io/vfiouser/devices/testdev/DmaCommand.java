package io.vfiouser.devices.testdev;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;

/// What a client writes to the DMA register of [TestDevice].
///
/// | field       | offset | bytes |
/// |-------------|--------|-------|
/// | source      | 0      | 8     |
/// | destination | 8      | 8     |
/// | length      | 16     | 8     |
/// | operation   | 24     | 4     |
/// | repetitions | 28     | 4     |
///
/// @param source first address to read; for a translation the base address
/// @param destination first address to write; for a translation the distance of two addresses
/// @param length bytes, 0 to [#MAX_LENGTH]; for a translation how many addresses there are, at
///   least 1
/// @param operation [#COPY], [#COPY_BY_MESSAGE] or [#TRANSLATE]
/// @param repetitions how many translations to do, 0 to 2^32 - 1; 0 for a copy
record DmaCommand(long source, long destination, long length, int operation, long repetitions) {
    /// Bytes of a command.
    static final int SIZE = 32;

    /// Largest length: 16 MiB.
    static final long MAX_LENGTH = 16 << 20;

    /// Copies, directly where both sides are mapped, by messages where not.
    static final int COPY = 0;

    /// Copies through messages only.
    static final int COPY_BY_MESSAGE = 1;

    /// Looks up addresses and touches no data.
    static final int TRANSLATE = 2;

    /// Reads a command.
    ///
    /// @throws DeviceException `EINVAL` for a length or flags that are out of range
    static DmaCommand read(MemorySegment from) {
        var command =
                new DmaCommand(
                        from.get(LittleEndian.LONG, 0),
                        from.get(LittleEndian.LONG, 8),
                        from.get(LittleEndian.LONG, 16),
                        from.get(LittleEndian.INT, 24),
                        LittleEndian.get(from, 28, 4));
        command.check();
        return command;
    }

    private void check() {
        if (length < 0 || length > MAX_LENGTH) {
            throw refused("length: " + Long.toUnsignedString(length), "at most " + MAX_LENGTH);
        }
        switch (operation) {
            case COPY, COPY_BY_MESSAGE -> {
                if (repetitions != 0) {
                    throw refused("repetitions: " + repetitions, "0 for a copy");
                }
            }
            case TRANSLATE -> {
                if (length == 0) {
                    throw refused("length: 0", "at least 1 for a translation");
                }
            }
            default -> throw refused("operation: 0x" + Integer.toHexString(operation), "0 to 2");
        }
    }

    private static DeviceException refused(String value, String expected) {
        return new DeviceException(Errno.EINVAL, "DMA " + value + " (expected: " + expected + ")");
    }
}
