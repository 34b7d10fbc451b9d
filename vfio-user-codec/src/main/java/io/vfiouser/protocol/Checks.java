package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/// What the constructors of the records share: ranges of fields, and buffers that are values.
final class Checks {
    private static final long U32_MAX = 0xffff_ffffL;
    private static final int U16_MAX = 0xffff;

    private Checks() {}

    static void u16(String name, int value) {
        if (value < 0 || value > U16_MAX) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 65535)");
        }
    }

    static void u32(String name, long value) {
        if (value < 0 || value > U32_MAX) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: 0 to 4294967295)");
        }
    }

    static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }

    static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }

    /// A copy of the readable bytes of `buffer` that nobody can change and nobody need release.
    static ByteBuf constant(ByteBuf buffer) {
        if (!buffer.isReadable()) {
            return Unpooled.EMPTY_BUFFER;
        }
        return Unpooled.unreleasableBuffer(
                Unpooled.wrappedBuffer(ByteBufUtil.getBytes(buffer)).asReadOnly());
    }
}
