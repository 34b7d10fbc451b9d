package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;

/// Appends buffers without moving their indexes.
final class Bytes {
    private Bytes() {}

    static void append(ByteBuf out, ByteBuf data) {
        out.writeBytes(data, data.readerIndex(), data.readableBytes());
    }
}
