package io.vfiouser.trace.capture;

import static io.vfiouser.trace.capture.PacketFormat.BLOCK_OVERHEAD;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_END;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// One pcapng block while it is written: grows as needed, pads, and puts its length at both ends.
final class BlockWriter {
    private ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

    BlockWriter(int type) {
        u32(type).u32(0);
    }

    BlockWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    BlockWriter u32(long value) {
        room(4).putInt((int) value);
        return this;
    }

    BlockWriter u64(long value) {
        room(8).putLong(value);
        return this;
    }

    BlockWriter bytes(byte[] data) {
        room(data.length).put(data);
        return this;
    }

    BlockWriter option(int code, byte[] value) {
        return u16(code).u16(value.length).bytes(value).pad();
    }

    /// The whole block; options must have been ended.
    byte[] finish() {
        int size = bytes.position() + 4;
        u32(size);
        bytes.putInt(4, size);
        if (size % 4 != 0 || size < BLOCK_OVERHEAD) {
            throw new AssertionError("block of " + size + " bytes");
        }
        return Arrays.copyOf(bytes.array(), size);
    }

    BlockWriter endOptions() {
        return u16(OPTION_END).u16(0);
    }

    BlockWriter pad() {
        while (bytes.position() % 4 != 0) {
            room(1).put((byte) 0);
        }
        return this;
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            int size = Math.max(bytes.capacity() * 2, bytes.position() + more);
            bytes =
                    ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .position(bytes.position());
        }
        return bytes;
    }
}
