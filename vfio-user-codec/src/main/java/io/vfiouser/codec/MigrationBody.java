package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.MIG_DATA_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.MIG_DATA_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;

/// Payloads of `MIG_DATA_READ` and `MIG_DATA_WRITE`.
final class MigrationBody {
    private MigrationBody() {}

    static MigDataRead readRead(ByteBuf frame) {
        Body.require(frame, MIG_DATA_SIZE);
        int size = size(frame);
        return new MigDataRead(Body.argsz(frame, MIG_DATA_SIZE + (long) size), size);
    }

    static void writeRead(ByteBuf out, MigDataRead read) {
        out.writeIntLE((int) read.argsz());
        out.writeIntLE(read.size());
    }

    /// The size field counts; the reference server pads the payload behind it.
    static MigDataRead.Reply readReadReply(ByteBuf frame) {
        return new MigDataRead.Reply(readData(frame));
    }

    static void writeReadReply(ByteBuf out, MigDataRead.Reply reply) {
        writeData(out, reply.data());
    }

    static MigDataWrite readWrite(ByteBuf frame) {
        Body.require(frame, MIG_DATA_SIZE);
        Body.argsz(frame, MIG_DATA_SIZE + (long) size(frame));
        return new MigDataWrite(readData(frame));
    }

    static void writeWrite(ByteBuf out, MigDataWrite write) {
        writeData(out, write.data());
    }

    private static ByteBuf readData(ByteBuf frame) {
        Body.require(frame, MIG_DATA_SIZE);
        int size = size(frame);
        int room = Body.length(frame) - MIG_DATA_SIZE;
        if (size > room) {
            throw Body.rejected("size: " + size + " (expected: at most " + room + ", the payload)");
        }
        return Body.retained(frame, MIG_DATA_SIZE, size);
    }

    /// The fixed part in front of `size` bytes of data.
    static void writeSize(ByteBuf out, int size) {
        out.writeIntLE(MIG_DATA_SIZE + size);
        out.writeIntLE(size);
    }

    private static void writeData(ByteBuf out, ByteBuf data) {
        writeSize(out, data.readableBytes());
        Bytes.append(out, data);
    }

    private static int size(ByteBuf frame) {
        return Body.u31(frame, MIG_DATA_COUNT_AT, "size");
    }
}
