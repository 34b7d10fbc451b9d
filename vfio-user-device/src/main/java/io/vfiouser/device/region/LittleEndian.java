package io.vfiouser.device.region;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Little-endian values in memory segments, at any alignment: the byte order of PCI.
public final class LittleEndian {
    /// Two bytes, unaligned.
    public static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Four bytes, unaligned.
    public static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Eight bytes, unaligned.
    public static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    /// The unsigned value of `width` bytes (for 8 the bits of the `long`).
    ///
    /// @param width 1 to 8
    public static long get(MemorySegment segment, long offset, int width) {
        return switch (width) {
            case 1 -> segment.get(ValueLayout.JAVA_BYTE, offset) & 0xffL;
            case 2 -> segment.get(SHORT, offset) & 0xffffL;
            case 4 -> segment.get(INT, offset) & 0xffff_ffffL;
            case 8 -> segment.get(LONG, offset);
            default -> {
                long value = 0;
                for (int i = width - 1; i >= 0; i--) {
                    value = value << 8 | (segment.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL);
                }
                yield value;
            }
        };
    }

    /// Stores the low `width` bytes of `value`.
    ///
    /// @param width 1 to 8
    public static void put(MemorySegment segment, long offset, int width, long value) {
        switch (width) {
            case 1 -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
            case 2 -> segment.set(SHORT, offset, (short) value);
            case 4 -> segment.set(INT, offset, (int) value);
            case 8 -> segment.set(LONG, offset, value);
            default -> {
                for (int i = 0; i < width; i++) {
                    segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (value >>> (8 * i)));
                }
            }
        }
    }
}
