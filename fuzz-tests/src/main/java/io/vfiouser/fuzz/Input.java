package io.vfiouser.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes that a fuzzer made up, read from the front as numbers. After the end everything is 0,
/// so that each prefix of an input is an input.
final class Input {
    private final ByteBuffer bytes;

    Input(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Whether there is more.
    boolean hasMore() {
        return bytes.hasRemaining();
    }

    /// 0 to 255.
    int u8() {
        return bytes.hasRemaining() ? bytes.get() & 0xff : 0;
    }

    /// 0 to 65535.
    int u16() {
        return u8() | u8() << 8;
    }

    /// Any `int`.
    int i32() {
        return u16() | u16() << 16;
    }

    /// Any `long`.
    long i64() {
        return (i32() & 0xffff_ffffL) | (long) i32() << 32;
    }

    /// 0 to `bound` - 1, where `bound` is at most 256.
    int below(int bound) {
        return u8() % bound;
    }

    /// One of the given numbers, or any if the input wants none of them.
    long oneOf(long... usual) {
        int choice = u8();
        return choice < usual.length * 4 ? usual[choice / 4] : i64();
    }

    /// Up to `most` bytes, fewer at the end.
    byte[] bytes(int most) {
        byte[] some = new byte[Math.min(most, bytes.remaining())];
        bytes.get(some);
        return some;
    }

    /// All that is left.
    byte[] rest() {
        return bytes(bytes.remaining());
    }
}
