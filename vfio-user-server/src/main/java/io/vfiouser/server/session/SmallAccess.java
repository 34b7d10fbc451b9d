package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Segments for register accesses, made once: a window of each size from 1 to [#MAX] bytes onto the
/// same few bytes. Handing one of them to a device costs no allocation, where a slice of the
/// message would cost one an access.
///
/// An instance serves one access at a time, and is given back when that is answered: a device keeps
/// its window for as long as its completion is pending.
final class SmallAccess {
    /// Bytes of the largest access that goes this way.
    static final int MAX = 64;

    private static final FastThreadLocal<@Nullable SmallAccess> SPARE = new FastThreadLocal<>();

    private final MemorySegment[] windows = new MemorySegment[MAX + 1];

    private SmallAccess() {
        MemorySegment bytes = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(MAX));
        for (int size = 0; size <= MAX; size++) {
            windows[size] = bytes.asSlice(0, size);
        }
    }

    /// One that nobody uses.
    static SmallAccess take() {
        SmallAccess spare = SPARE.get();
        if (spare == null) {
            return new SmallAccess();
        }
        SPARE.set(null);
        return spare;
    }

    /// Gives it back for the next access of this thread.
    void giveBack() {
        SPARE.set(this);
    }

    /// The window of `size` bytes, 1 to [#MAX], zeroed: what another device left there is nobody
    /// else's business.
    MemorySegment zeroed(int size) {
        return windows[size].fill((byte) 0);
    }

    /// Fills the window of `size` bytes from a message.
    MemorySegment fill(int size, ByteBuf from, int index) {
        MemorySegment window = windows[size];
        int at = 0;
        for (; at + 8 <= size; at += 8) {
            window.set(LittleEndian.LONG, at, from.getLongLE(index + at));
        }
        if (at + 4 <= size) {
            window.set(LittleEndian.INT, at, from.getIntLE(index + at));
            at += 4;
        }
        for (; at < size; at++) {
            window.set(ValueLayout.JAVA_BYTE, at, from.getByte(index + at));
        }
        return window;
    }

    /// Appends the window of `size` bytes to a message.
    void append(int size, ByteBuf to) {
        MemorySegment window = windows[size];
        int at = 0;
        for (; at + 8 <= size; at += 8) {
            to.writeLongLE(window.get(LittleEndian.LONG, at));
        }
        if (at + 4 <= size) {
            to.writeIntLE(window.get(LittleEndian.INT, at));
            at += 4;
        }
        for (; at < size; at++) {
            to.writeByte(window.get(ValueLayout.JAVA_BYTE, at));
        }
    }
}
