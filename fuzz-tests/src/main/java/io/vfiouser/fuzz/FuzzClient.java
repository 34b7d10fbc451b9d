package io.vfiouser.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.ClientException;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.ServedDevice;
import java.io.UncheckedIOException;
import java.time.Duration;

/// A connection on which the input says what is sent.
final class FuzzClient implements AutoCloseable {
    private static final Duration MOMENT = Duration.ofMillis(2);
    private static final int NO_REPLY = 0x10;
    private static final int MAX_MESSAGES = 64;

    private final RawConnection connection;
    private final Input input;
    private final boolean legacy;
    private final FuzzDescriptors descriptors = new FuzzDescriptors();
    private int nextId = 1;
    private int peerCallId;
    private boolean broken;

    private FuzzClient(RawConnection connection, Input input, boolean legacy) {
        this.connection = connection;
        this.input = input;
        this.legacy = legacy;
    }

    /// Connects, and mostly negotiates.
    static FuzzClient connect(ServedDevice device, Input input) {
        var options = SessionWorld.INSTANCE.client(device);
        boolean legacy = options.dialect() == Dialect.LEGACY;
        var client = new FuzzClient(RawConnection.connect(device.socket(), options), input, legacy);
        if (input.below(16) != 0) {
            client.connection.negotiate();
        }
        return client;
    }

    /// Does the next thing that the input says; nothing once the server has hung up.
    void step() {
        if (broken) {
            input.u8();
            return;
        }
        try {
            act();
        } catch (ClientException | UncheckedIOException _) {
            broken = !connection.isOpen();
        }
    }

    private void act() {
        switch (input.below(14)) {
            case 0 -> raw();
            case 1 -> message(input.below(20), input.bytes(input.u8()), kinds());
            case 2, 3 -> map();
            case 4 -> unmap();
            case 5 -> setIrqs();
            case 6 -> write(region(), input.u16(), input.bytes(input.u8()));
            case 7 -> read();
            case 8 -> dma();
            case 9 -> feature();
            case 10 -> migrationData();
            case 11 -> answer();
            case 12 -> descriptors.truncate(input.u8());
            default -> receive();
        }
    }

    private void raw() {
        byte[] bytes = input.bytes(1 + input.u8());
        if (bytes.length > 0) {
            connection.send(bytes, descriptors.bundle(kinds()));
        }
    }

    private void map() {
        long pages = 1L + input.below(8);
        int flags = (int) input.oneOf(3, 1, 2, 0, 7, 0x13);
        long fileOffset = input.oneOf(0, 0x1000, 0x8000, -0x1000);
        long iova = iova();
        byte[] kind = {(byte) input.below(FuzzDescriptors.KINDS)};
        boolean bare = input.below(4) == 0;
        ByteBuf body = Unpooled.buffer();
        if (legacy) {
            body.writeLongLE(iova).writeLongLE(pages * 0x1000).writeLongLE(fileOffset);
            body.writeIntLE(3).writeIntLE(bare ? 0 : 1);
        } else {
            body.writeIntLE(32).writeIntLE(flags).writeLongLE(fileOffset);
            body.writeLongLE(iova).writeLongLE(pages * 0x1000);
        }
        message(2, ByteBufUtil.getBytes(body), bare ? new byte[0] : kind);
    }

    private void unmap() {
        ByteBuf body = Unpooled.buffer();
        long iova = iova();
        long size = 0x1000L * (1 + input.below(8));
        if (legacy) {
            body.writeLongLE(iova).writeLongLE(size).writeLongLE(0).writeLongLE(0);
        } else {
            int flags = (int) input.oneOf(0, 1, 2, 3);
            body.writeIntLE(24).writeIntLE(flags).writeLongLE(iova).writeLongLE(size);
            if ((flags & 1) != 0) {
                body.writeLongLE(0x1000).writeLongLE(8).setIntLE(0, 40 + 8);
            }
        }
        message(3, ByteBufUtil.getBytes(body), new byte[0]);
    }

    private void setIrqs() {
        ByteBuf body = Unpooled.buffer();
        int flags = (int) input.oneOf(0x24, 0x21, 0x22, 0x09, 0x11, 0x0a, 0x14);
        byte[] data = input.bytes(input.below(9));
        body.writeIntLE(20 + data.length).writeIntLE(flags);
        body.writeIntLE((int) input.oneOf(2, 0, 1, 3, 4, 5)).writeIntLE(input.below(10));
        body.writeIntLE(input.below(10)).writeBytes(data);
        message(legacy ? 7 : 8, ByteBufUtil.getBytes(body), kinds());
    }

    private void write(int region, long offset, byte... data) {
        ByteBuf body = Unpooled.buffer();
        body.writeLongLE(offset).writeIntLE(region).writeIntLE(data.length).writeBytes(data);
        message(legacy ? 9 : 10, ByteBufUtil.getBytes(body), new byte[0]);
    }

    private void read() {
        ByteBuf body = Unpooled.buffer();
        body.writeLongLE(input.u16())
                .writeIntLE(region())
                .writeIntLE((int) input.oneOf(4, 8, 1, 4096));
        message(legacy ? 8 : 9, ByteBufUtil.getBytes(body), new byte[0]);
    }

    /// What makes the test device work with memory; on others it writes some register.
    private void dma() {
        ByteBuf command = Unpooled.buffer();
        command.writeLongLE(iova()).writeLongLE(iova());
        command.writeLongLE(input.oneOf(0x1000, 8, 0x3000, 0x10_0000));
        command.writeLongLE(input.oneOf(0, 1, 2L | 100L << 32));
        write(2, 8, ByteBufUtil.getBytes(command));
    }

    private void feature() {
        ByteBuf body = Unpooled.buffer();
        byte[] data = input.bytes(input.below(40));
        int feature = input.below(12);
        int flags = (int) input.oneOf(2, 1, 4, 0, 5, 6);
        body.writeIntLE(8 + Math.max(data.length, 24)).writeIntLE(feature | flags << 16);
        if (feature == 2) {
            body.writeIntLE(input.below(9)).writeIntLE(0);
        } else {
            body.writeBytes(data);
        }
        message(legacy ? 14 : 16, ByteBufUtil.getBytes(body), new byte[0]);
    }

    private void migrationData() {
        if (legacy) {
            write(9, input.u8() * 4L, input.bytes(input.u8()));
            return;
        }
        ByteBuf body = Unpooled.buffer();
        if (input.below(2) == 0) {
            body.writeIntLE(8).writeIntLE((int) input.oneOf(0x1000, 8, 0x10_0000));
            message(17, ByteBufUtil.getBytes(body), new byte[0]);
        } else {
            byte[] data = input.bytes(input.u8());
            body.writeIntLE(8 + data.length).writeIntLE(data.length).writeBytes(data);
            message(18, ByteBufUtil.getBytes(body), new byte[0]);
        }
    }

    /// A reply to what the server asked last, or to what it never asked.
    private void answer() {
        int command = input.below(2) + (legacy ? 10 : 11);
        byte[] body = input.bytes(input.u8());
        int id = input.below(4) == 0 ? input.u16() : peerCallId;
        boolean error = input.below(4) == 0;
        send(header(id, command, body, error ? 0x21 : 1, error ? 5 : 0), new byte[0]);
    }

    /// Takes what has come, and remembers what the server asks.
    private void receive() {
        for (int i = 0; i < MAX_MESSAGES; i++) {
            try (RawFrame frame = connection.receive(MOMENT)) {
                ByteBuf bytes = frame.bytes();
                int at = bytes.readerIndex();
                if ((bytes.getIntLE(at + 8) & 0xf) == 0) {
                    peerCallId = bytes.getUnsignedShortLE(at);
                    return;
                }
            }
        }
    }

    private void message(int command, byte[] body, byte... kinds) {
        int flags = input.below(8) == 0 ? NO_REPLY : 0;
        send(header(nextId++, command, body, flags, 0), kinds);
    }

    private void send(byte[] message, byte... kinds) {
        connection.send(message, descriptors.bundle(kinds));
    }

    private static byte[] header(int id, int command, byte[] body, int flags, int error) {
        ByteBuf out = Unpooled.buffer();
        out.writeShortLE(id).writeShortLE(command).writeIntLE(16 + body.length);
        out.writeIntLE(flags).writeIntLE(error).writeBytes(body);
        return ByteBufUtil.getBytes(out);
    }

    private int region() {
        return (int) input.oneOf(0, 1, 2, 7, 4, 9);
    }

    private long iova() {
        return input.oneOf(0x1_0000, 0x1_4000, 0x2_0000, 0, -0x1000L, 0x1_0800);
    }

    private byte[] kinds() {
        return input.bytes(input.below(4) == 0 ? input.below(12) : input.below(2));
    }

    @Override
    public void close() {
        try {
            connection.close();
        } finally {
            descriptors.close();
        }
    }
}
