package io.vfiouser.nvme;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/// Little-endian values of any alignment, and those that two processes share.
final class Words {
    static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// An aligned `int` in a segment, at an offset, with acquire and release.
    static final VarHandle SHARED = ValueLayout.JAVA_INT.withOrder(LITTLE_ENDIAN).varHandle();

    private Words() {}

    static int u8(MemorySegment from, long offset) {
        return from.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    static int u16(MemorySegment from, long offset) {
        return from.get(SHORT, offset) & 0xffff;
    }

    static int i32(MemorySegment from, long offset) {
        return from.get(INT, offset);
    }

    static long i64(MemorySegment from, long offset) {
        return from.get(LONG, offset);
    }

    /// ASCII text without what fills it up; what cannot be shown becomes `?`.
    static String text(MemorySegment from, long offset, int length) {
        byte[] bytes = from.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .replaceAll("\\x00.*", "")
                .replaceAll("[^ -~]", "?")
                .strip();
    }
}
