package io.vfiouser.trace.capture;

import static io.vfiouser.trace.capture.PacketFormat.BLOCK_OVERHEAD;
import static io.vfiouser.trace.capture.PacketFormat.BYTE_ORDER_MAGIC;
import static io.vfiouser.trace.capture.PacketFormat.INTERFACE_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.LINK_TYPE;
import static io.vfiouser.trace.capture.PacketFormat.MAX_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.PACKET_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.PACKET_FIXED;
import static io.vfiouser.trace.capture.PacketFormat.SECTION_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.STATISTICS_BLOCK;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a capture, one record after the other, from a file or while it is still written to a pipe.
///
/// The file is not trusted: sizes are checked before memory is taken, and text is made fit for a
/// terminal. Packets of other programs and blocks that are not known are left out. One thread at a
/// time.
public final class CaptureReader implements AutoCloseable {
    private static final int MAX_INTERFACES = 1 << 16;

    private final InputStream in;
    private final List<InterfaceBlock> interfaces = new ArrayList<>();
    private boolean inSection;
    private long lost;

    /// Reads from a stream, which it closes in the end.
    public CaptureReader(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /// Opens a file.
    ///
    /// @throws IOException if there is none that can be read
    public static CaptureReader open(Path file) throws IOException {
        return new CaptureReader(Files.newInputStream(file));
    }

    /// All records of a file.
    ///
    /// @throws IOException if it cannot be read to its end
    public static List<CaptureRecord> readAll(Path file) throws IOException {
        var all = new ArrayList<CaptureRecord>();
        try (var reader = open(file)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                all.add(next.get());
            }
        }
        return all;
    }

    /// The next record; empty at the end.
    ///
    /// @throws CaptureFormatException if the file is no capture, or damaged
    /// @throws IOException if it cannot be read
    public Optional<CaptureRecord> next() throws IOException {
        while (true) {
            byte[] start = in.readNBytes(8);
            if (start.length == 0 && inSection) {
                return Optional.empty();
            }
            Optional<CaptureRecord> record = block(start);
            if (record.isPresent()) {
                return record;
            }
        }
    }

    /// How many records the writer says did not get here, as far as it was read.
    public long lost() {
        return lost;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private Optional<CaptureRecord> block(byte[] start) throws IOException {
        requireWhole(start.length, 8);
        ByteBuf head = Unpooled.wrappedBuffer(start);
        int type = head.readIntLE();
        long size = head.readUnsignedIntLE();
        if (!inSection && type != SECTION_BLOCK) {
            throw new CaptureFormatException(
                    "first block: 0x" + Integer.toHexString(type) + " (expected: pcapng)");
        }
        if (size < BLOCK_OVERHEAD || size > MAX_BLOCK || size % 4 != 0) {
            throw new CaptureFormatException(
                    "block size: %d (expected: %d to %d, a multiple of 4, little-endian)"
                            .formatted(size, BLOCK_OVERHEAD, MAX_BLOCK));
        }
        int rest = (int) size - 8;
        byte[] bytes = in.readNBytes(rest);
        requireWhole(bytes.length, rest);
        ByteBuf body = Unpooled.wrappedBuffer(bytes);
        if (body.getUnsignedIntLE(rest - 4) != size) {
            throw new CaptureFormatException(
                    "block size at the end: %d (expected: %d, as at its start)"
                            .formatted(body.getUnsignedIntLE(rest - 4), size));
        }
        body.writerIndex(rest - 4);
        switch (type) {
            case SECTION_BLOCK -> section(body);
            case INTERFACE_BLOCK -> addInterface(body);
            case STATISTICS_BLOCK -> lost += InterfaceBlock.dropped(body);
            case PACKET_BLOCK -> {
                return packet(body);
            }
            default -> {} // of others, and of later days
        }
        return Optional.empty();
    }

    private void section(ByteBuf body) throws CaptureFormatException {
        if (body.readableBytes() < 4 || body.readIntLE() != BYTE_ORDER_MAGIC) {
            throw new CaptureFormatException("byte order: not little-endian (expected: it is)");
        }
        inSection = true;
        interfaces.clear();
    }

    private void addInterface(ByteBuf body) throws CaptureFormatException {
        if (interfaces.size() >= MAX_INTERFACES) {
            throw new CaptureFormatException(
                    "interfaces: more than " + MAX_INTERFACES + " (expected: at most so many)");
        }
        interfaces.add(InterfaceBlock.read(body, interfaces.size()));
    }

    private Optional<CaptureRecord> packet(ByteBuf body) throws CaptureFormatException {
        if (body.readableBytes() < PACKET_FIXED) {
            throw new CaptureFormatException(
                    "packet block: %d bytes (expected: at least %d)"
                            .formatted(body.readableBytes(), PACKET_FIXED));
        }
        long number = body.readUnsignedIntLE();
        if (number >= interfaces.size()) {
            throw new CaptureFormatException(
                    "interface: %d (expected: below %d)".formatted(number, interfaces.size()));
        }
        InterfaceBlock device = interfaces.get((int) number);
        long units = body.readUnsignedIntLE() << 32 | body.readUnsignedIntLE();
        long captured = body.readUnsignedIntLE();
        body.skipBytes(4);
        if (captured > body.readableBytes()) {
            throw new CaptureFormatException(
                    "captured length: %d (expected: at most %d)"
                            .formatted(captured, body.readableBytes()));
        }
        if (device.linkType() != LINK_TYPE) {
            return Optional.empty();
        }
        Instant time = device.time(units);
        return PacketBody.read(time, device.name(), body.readSlice((int) captured));
    }

    private static void requireWhole(int got, int wanted) throws CaptureFormatException {
        if (got < wanted) {
            throw new CaptureFormatException(
                    "capture: ends in the middle of a block (expected: pcapng, whole)");
        }
    }
}
