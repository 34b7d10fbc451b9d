package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;

/// Reads fields of the payload of a frame, by their offset after the header.
///
/// A caller checks the length with [#require] before it reads; buffers check their capacity only,
/// and what lies behind a frame belongs to the next.
final class Body {
    private Body() {}

    /// The bytes of the payload.
    static int length(ByteBuf frame) {
        return frame.readableBytes() - HEADER_SIZE;
    }

    /// Refuses a payload shorter than `minimum`.
    static void require(ByteBuf frame, int minimum) {
        if (length(frame) < minimum) {
            throw tooShort(length(frame), minimum);
        }
    }

    /// Refuses a payload that is not exactly `fixed` + `variable` bytes long.
    static void requireExactly(ByteBuf frame, int fixed, long variable) {
        if (length(frame) - (long) fixed != variable) {
            throw rejected(
                    "payload: "
                            + length(frame)
                            + " bytes (expected: "
                            + fixed
                            + " + "
                            + Long.toUnsignedString(variable)
                            + ")");
        }
    }

    /// The `argsz` of a request, refused if smaller than `minimum`.
    static long argsz(ByteBuf frame, long minimum) {
        long argsz = u32(frame, ARGSZ_AT);
        if (argsz < minimum) {
            throw rejected("argsz: " + argsz + " (expected: >= " + minimum + ")");
        }
        return argsz;
    }

    static int u16(ByteBuf frame, int at) {
        return frame.getUnsignedShortLE(index(frame, at));
    }

    static int i32(ByteBuf frame, int at) {
        return frame.getIntLE(index(frame, at));
    }

    static long u32(ByteBuf frame, int at) {
        return frame.getUnsignedIntLE(index(frame, at));
    }

    static long u64(ByteBuf frame, int at) {
        return frame.getLongLE(index(frame, at));
    }

    /// A 32-bit index or count, refused if it needs all 32 bits: nothing is that large.
    static int u31(ByteBuf frame, int at, String name) {
        int value = i32(frame, at);
        if (value < 0) {
            throw rejected(
                    name + ": 0x" + Integer.toHexString(value) + " (expected: at most 0x7fffffff)");
        }
        return value;
    }

    /// A part of the payload that shares and retains the buffer of the frame.
    static ByteBuf retained(ByteBuf frame, int at, int length) {
        return frame.retainedSlice(index(frame, at), length);
    }

    /// A part of the payload without a reference of its own, to be copied by whoever keeps it.
    static ByteBuf view(ByteBuf frame, int at, int length) {
        return frame.slice(index(frame, at), length);
    }

    static RequestRejectedException rejected(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }

    private static int index(ByteBuf frame, int at) {
        return frame.readerIndex() + HEADER_SIZE + at;
    }

    private static RequestRejectedException tooShort(int length, int minimum) {
        return rejected("payload: " + length + " bytes (expected: >= " + minimum + ")");
    }
}
