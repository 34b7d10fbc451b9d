package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.MessageHeader;

/// Messages made by hand, for what the encoder would not write.
final class Wire {
    private Wire() {}

    /// A header alone, whatever its size field says.
    static byte[] header(int commandId, long size, int flags) {
        ByteBuf out = Unpooled.buffer();
        new MessageHeader(1, commandId, size, flags, 0).write(out);
        return ByteBufUtil.getBytes(out);
    }

    /// A command of `16 + payload.length` bytes.
    static byte[] message(int commandId, byte... payload) {
        ByteBuf out = Unpooled.buffer();
        new MessageHeader(1, commandId, 16L + payload.length, 0, 0).write(out);
        return ByteBufUtil.getBytes(out.writeBytes(payload));
    }
}
