package io.vfiouser.it.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.Command;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Messages by hand, right and wrong ones.
final class Wire {
    /// The flag that says that no reply is wanted.
    static final int NO_REPLY = 0x10;

    /// The type of a reply.
    static final int REPLY = 1;

    private Wire() {}

    /// A header and what follows it.
    ///
    /// @param size what the header says, whatever the body is
    static byte[] message(int id, int command, long size, int flags, byte... body) {
        ByteBuf out = Unpooled.buffer();
        out.writeShortLE(id).writeShortLE(command).writeIntLE((int) size).writeIntLE(flags);
        out.writeIntLE(0).writeBytes(body);
        return ByteBufUtil.getBytes(out);
    }

    /// A command of the right size.
    static byte[] command(int id, Command command, byte... body) {
        return message(id, command.id(), 16L + body.length, 0, body);
    }

    /// VERSION 0.2 with a text, which ends with a NUL.
    static byte[] version(String text) {
        ByteBuf body = Unpooled.buffer();
        body.writeShortLE(0).writeShortLE(2);
        body.writeCharSequence(text, StandardCharsets.UTF_8);
        body.writeByte(0);
        return command(0, Command.VERSION, ByteBufUtil.getBytes(body));
    }

    /// REGION_READ.
    static byte[] read(int id, int region, long offset, int count) {
        return command(id, Command.REGION_READ, access(region, offset, count));
    }

    /// REGION_WRITE.
    static byte[] write(int id, int region, long offset, byte... data) {
        byte[] fixed = access(region, offset, data.length);
        byte[] body = Arrays.copyOf(fixed, fixed.length + data.length);
        System.arraycopy(data, 0, body, fixed.length, data.length);
        return command(id, Command.REGION_WRITE, body);
    }

    /// The same without a reply.
    static byte[] posted(int region, long offset, byte... data) {
        byte[] message = write(0, region, offset, data);
        message[8] = NO_REPLY;
        return message;
    }

    /// DMA_MAP.
    static byte[] map(int id, int flags, long fileOffset, long address, long size) {
        ByteBuf body = Unpooled.buffer();
        body.writeIntLE(32).writeIntLE(flags).writeLongLE(fileOffset);
        body.writeLongLE(address).writeLongLE(size);
        return command(id, Command.DMA_MAP, ByteBufUtil.getBytes(body));
    }

    /// DMA_UNMAP.
    static byte[] unmap(int id, int flags, long address, long size) {
        ByteBuf body = Unpooled.buffer();
        body.writeIntLE(24).writeIntLE(flags).writeLongLE(address).writeLongLE(size);
        return command(id, Command.DMA_UNMAP, ByteBufUtil.getBytes(body));
    }

    /// The same message again and again.
    static byte[] repeated(byte[] message, int times) {
        byte[] all = new byte[times * message.length];
        for (int i = 0; i < times; i++) {
            System.arraycopy(message, 0, all, i * message.length, message.length);
        }
        return all;
    }

    private static byte[] access(int region, long offset, int count) {
        ByteBuf body = Unpooled.buffer();
        body.writeLongLE(offset).writeIntLE(region).writeIntLE(count);
        return ByteBufUtil.getBytes(body);
    }
}
