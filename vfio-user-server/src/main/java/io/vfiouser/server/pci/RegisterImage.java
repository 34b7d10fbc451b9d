package io.vfiouser.server.pci;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Registers as a table: for each bit what it is at first, whether a client's write stores it,
/// whether a client's one clears it, and whether it outlives a function-level reset. Bits that are
/// neither are read-only for clients.
///
/// The loop writes. Any thread may read, and may set or clear bits that clients cannot write
/// ([#setBits], [#clearBits]): single bytes are accessed with acquire and release.
final class RegisterImage {
    private static final VarHandle BYTE = MethodHandles.arrayElementVarHandle(byte[].class);

    private final byte[] current;
    private final byte[] initial;
    private final byte[] writable;
    private final byte[] clearedByOne;
    private final byte[] sticky;

    /// Read-only zeroes.
    RegisterImage(int size) {
        current = new byte[size];
        initial = new byte[size];
        writable = new byte[size];
        clearedByOne = new byte[size];
        sticky = new byte[size];
    }

    int size() {
        return current.length;
    }

    /// Describes a little-endian field that clients cannot write.
    RegisterImage readOnly(int offset, int width, long value) {
        return field(offset, width, value, 0);
    }

    /// Describes a little-endian field.
    ///
    /// @param writableMask the bits that a client's write stores
    RegisterImage field(int offset, int width, long value, long writableMask) {
        for (int i = 0; i < width; i++) {
            current[offset + i] = (byte) (value >>> (8 * i));
            initial[offset + i] = (byte) (value >>> (8 * i));
            writable[offset + i] = (byte) (writableMask >>> (8 * i));
        }
        return this;
    }

    /// Marks bits of a field, 0 at first, as cleared by writing ones to them (RW1C).
    RegisterImage clearedByOne(int offset, int width, long mask) {
        for (int i = 0; i < width; i++) {
            clearedByOne[offset + i] = (byte) (mask >>> (8 * i));
        }
        return this;
    }

    /// Marks bytes as sticky: a function-level reset leaves them alone.
    RegisterImage sticky(int offset, int count) {
        Arrays.fill(sticky, offset, offset + count, (byte) 0xff);
        return this;
    }

    /// Takes over the description of a part.
    void include(int offset, RegisterImage part) {
        System.arraycopy(part.initial, 0, current, offset, part.size());
        System.arraycopy(part.initial, 0, initial, offset, part.size());
        System.arraycopy(part.writable, 0, writable, offset, part.size());
        System.arraycopy(part.clearedByOne, 0, clearedByOne, offset, part.size());
        System.arraycopy(part.sticky, 0, sticky, offset, part.size());
    }

    int byteAt(int offset) {
        return (byte) BYTE.getAcquire(current, offset) & 0xff;
    }

    /// The little-endian value of 1 to 4 bytes.
    int value(int offset, int width) {
        int value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | byteAt(offset + i);
        }
        return value;
    }

    /// Stores 1 to 4 bytes, read-only bits too.
    void store(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            BYTE.setRelease(current, offset + i, (byte) (value >>> (8 * i)));
        }
    }

    /// Sets bits of one byte, atomically.
    void setBits(int offset, int mask) {
        BYTE.getAndBitwiseOr(current, offset, (byte) mask);
    }

    /// Clears bits of one byte, atomically.
    void clearBits(int offset, int mask) {
        BYTE.getAndBitwiseAnd(current, offset, (byte) ~mask);
    }

    /// A client reads.
    void read(int offset, MemorySegment into) {
        int length = (int) into.byteSize();
        for (int i = 0; i < length; i++) {
            into.set(ValueLayout.JAVA_BYTE, i, (byte) byteAt(offset + i));
        }
    }

    /// A client writes: byte after byte, as far as the masks let it.
    void write(int offset, MemorySegment from) {
        int length = (int) from.byteSize();
        for (int i = 0; i < length; i++) {
            writeByte(offset + i, from.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    /// Puts back what clients can change; what only [#store] changes stays.
    void reset() {
        reset(true);
    }

    /// As [#reset()], but for sticky bytes.
    void resetFunction() {
        reset(false);
    }

    private void reset(boolean stickyToo) {
        for (int i = 0; i < current.length; i++) {
            int changeable = (writable[i] | clearedByOne[i]) & (stickyToo ? 0xff : ~sticky[i]);
            if (changeable != 0) {
                int kept = byteAt(i) & ~changeable;
                BYTE.setRelease(current, i, (byte) (kept | (initial[i] & changeable)));
            }
        }
    }

    private void writeByte(int offset, byte value) {
        int stored = writable[offset];
        int cleared = value & clearedByOne[offset];
        if ((stored | cleared) != 0) {
            int kept = byteAt(offset) & ~stored & ~cleared;
            BYTE.setRelease(current, offset, (byte) (kept | (value & stored)));
        }
    }
}
