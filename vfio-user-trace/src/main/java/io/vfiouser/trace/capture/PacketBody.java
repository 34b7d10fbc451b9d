package io.vfiouser.trace.capture;

import static io.vfiouser.trace.capture.PacketFormat.DESCRIPTOR_SIZE;
import static io.vfiouser.trace.capture.PacketFormat.FLAG_LEGACY;
import static io.vfiouser.trace.capture.PacketFormat.FLAG_TWIN;
import static io.vfiouser.trace.capture.PacketFormat.FROM_DEVICE;
import static io.vfiouser.trace.capture.PacketFormat.HEADER_SIZE;
import static io.vfiouser.trace.capture.PacketFormat.MAGIC;
import static io.vfiouser.trace.capture.PacketFormat.MAX_DESCRIPTORS;
import static io.vfiouser.trace.capture.PacketFormat.TO_DEVICE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.FileStatus;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.SentDescriptor;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.capture.PacketFormat.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A record as the bytes of a packet, and back.
final class PacketBody {
    private static final List<Kind> KINDS = List.of(Kind.values());

    /// By the number in a capture.
    private static final List<FileStatus.Kind> FILES =
            List.of(
                    FileStatus.Kind.REGULAR,
                    FileStatus.Kind.DIRECTORY,
                    FileStatus.Kind.PIPE,
                    FileStatus.Kind.SOCKET,
                    FileStatus.Kind.CHARACTER,
                    FileStatus.Kind.BLOCK,
                    FileStatus.Kind.ANONYMOUS);

    private PacketBody() {}

    static byte[] write(CaptureRecord record) {
        ByteBuf out = Unpooled.buffer(64);
        switch (record) {
            case CaptureRecord.Message(TracedMessage message) -> message(out, message);
            case CaptureRecord.Memory memory -> {
                header(out, Kind.MEMORY, number(memory.before()), 0, memory.session(), List.of());
                out.writeLongLE(memory.iova());
                out.writeBytes(memory.bytes().duplicate());
            }
            case CaptureRecord.Interrupt irq -> {
                header(out, Kind.INTERRUPT, FROM_DEVICE, 0, irq.session(), List.of());
                out.writeIntLE(irq.index()).writeIntLE(irq.vector());
            }
            case CaptureRecord.Registers registers -> {
                header(out, Kind.REGISTERS, FROM_DEVICE, 0, 0, List.of());
                ByteBufUtil.writeUtf8(out, RegisterText.write(registers.names()));
            }
            case CaptureRecord.SessionEnd end -> {
                header(out, Kind.SESSION_END, TO_DEVICE, 0, end.session(), List.of());
                ByteBufUtil.writeUtf8(out, end.reason());
            }
        }
        return ByteBufUtil.getBytes(out);
    }

    /// What a packet says; empty for one that is none of ours, or of a kind that is not known.
    static Optional<CaptureRecord> read(Instant time, String device, ByteBuf in) {
        if (in.readableBytes() < HEADER_SIZE || in.readIntLE() != MAGIC) {
            return Optional.empty();
        }
        int kind = in.readUnsignedByte();
        Direction direction =
                in.readUnsignedByte() == TO_DEVICE
                        ? Direction.CLIENT_TO_SERVER
                        : Direction.SERVER_TO_CLIENT;
        int flags = in.readUnsignedByte();
        in.skipBytes(1);
        long session = in.readUnsignedIntLE();
        long count = in.readUnsignedIntLE();
        if (kind >= KINDS.size()
                || count > MAX_DESCRIPTORS
                || in.readableBytes() < count * DESCRIPTOR_SIZE) {
            return Optional.empty();
        }
        List<SentDescriptor> descriptors = descriptors(in, (int) count);
        return switch (KINDS.get(kind)) {
            case MESSAGE ->
                    in.readableBytes() < WireFormat.HEADER_SIZE
                            ? Optional.empty()
                            : Optional.of(
                                    new CaptureRecord.Message(
                                            new TracedMessage(
                                                    time,
                                                    device,
                                                    session,
                                                    direction,
                                                    (flags & FLAG_TWIN) != 0,
                                                    (flags & FLAG_LEGACY) != 0
                                                            ? Dialect.LEGACY
                                                            : Dialect.CURRENT,
                                                    in.slice(),
                                                    descriptors)));
            case MEMORY ->
                    in.readableBytes() < Long.BYTES
                            ? Optional.empty()
                            : Optional.of(
                                    new CaptureRecord.Memory(
                                            time,
                                            device,
                                            session,
                                            direction,
                                            in.readLongLE(),
                                            in.slice()));
            case INTERRUPT ->
                    in.readableBytes() < 2 * Integer.BYTES
                            ? Optional.empty()
                            : Optional.of(
                                    new CaptureRecord.Interrupt(
                                            time, device, session, in.readIntLE(), in.readIntLE()));
            case REGISTERS ->
                    Optional.of(
                            new CaptureRecord.Registers(time, device, RegisterText.read(text(in))));
            case SESSION_END ->
                    Optional.of(
                            new CaptureRecord.SessionEnd(
                                    time, device, session, PlainText.of(text(in))));
        };
    }

    private static void message(ByteBuf out, TracedMessage message) {
        int flags =
                (message.twin() ? FLAG_TWIN : 0)
                        | (message.dialect() == Dialect.LEGACY ? FLAG_LEGACY : 0);
        header(
                out,
                Kind.MESSAGE,
                number(message.direction()),
                flags,
                message.session(),
                message.descriptors());
        out.writeBytes(message.bytes().duplicate());
    }

    private static int number(Direction direction) {
        return direction == Direction.CLIENT_TO_SERVER ? TO_DEVICE : FROM_DEVICE;
    }

    private static void header(
            ByteBuf out,
            Kind kind,
            int direction,
            int flags,
            long session,
            List<SentDescriptor> descriptors) {
        out.writeIntLE(MAGIC);
        out.writeByte(KINDS.indexOf(kind)).writeByte(direction).writeByte(flags).writeByte(0);
        out.writeIntLE((int) session).writeIntLE(descriptors.size());
        for (SentDescriptor descriptor : descriptors) {
            out.writeLongLE(FILES.indexOf(descriptor.kind()));
            out.writeLongLE(descriptor.size());
        }
    }

    private static List<SentDescriptor> descriptors(ByteBuf in, int count) {
        var all = new ArrayList<SentDescriptor>(count);
        for (int i = 0; i < count; i++) {
            int kind = (int) (in.readLongLE() & 0xff);
            long size = in.readLongLE();
            all.add(
                    new SentDescriptor(
                            kind < FILES.size() ? FILES.get(kind) : FileStatus.Kind.ANONYMOUS,
                            Math.max(0, size)));
        }
        return all;
    }

    private static String text(ByteBuf in) {
        return in.toString(StandardCharsets.UTF_8);
    }
}
