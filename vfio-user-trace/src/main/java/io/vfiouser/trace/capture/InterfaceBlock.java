package io.vfiouser.trace.capture;

import static io.vfiouser.trace.capture.PacketFormat.OPTION_DROPPED;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_END;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_NAME;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_TIME_RESOLUTION;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What a capture says of a device.
///
/// @param name fit for a terminal
/// @param unitsPerSecond of its times
record InterfaceBlock(int linkType, String name, long unitsPerSecond) {
    private static final int DEFAULT_RESOLUTION = 6;
    private static final int STATISTICS_FIXED = 12;
    private static final int FIXED = 8;

    /// In the year 2262: up to then nanoseconds are a `long`.
    private static final long MAX_SECOND = Long.MAX_VALUE / 1_000_000_000;

    /// @param number names it if it does not do so itself
    static InterfaceBlock read(ByteBuf body, int number) throws CaptureFormatException {
        if (body.readableBytes() < FIXED) {
            throw new CaptureFormatException(
                    "interface block: %d bytes (expected: at least %d)"
                            .formatted(body.readableBytes(), FIXED));
        }
        int linkType = body.readUnsignedShortLE();
        body.skipBytes(FIXED - 2);
        String name = "device" + number;
        int resolution = DEFAULT_RESOLUTION;
        while (true) {
            ByteBuf value = body;
            int code = OPTION_END;
            if (body.readableBytes() >= 4) {
                code = body.readUnsignedShortLE();
                value = option(body);
            }
            switch (code) {
                case OPTION_END -> {
                    return new InterfaceBlock(linkType, name, unitsPerSecond(resolution));
                }
                case OPTION_NAME -> name = PlainText.of(value.toString(StandardCharsets.UTF_8));
                case OPTION_TIME_RESOLUTION ->
                        resolution =
                                value.isReadable() ? value.readUnsignedByte() : DEFAULT_RESOLUTION;
                default -> {} // nothing that we need
            }
        }
    }

    /// The records that a block of statistics says were dropped.
    static long dropped(ByteBuf body) throws CaptureFormatException {
        if (body.readableBytes() < STATISTICS_FIXED) {
            return 0;
        }
        body.skipBytes(STATISTICS_FIXED);
        while (body.readableBytes() >= 4) {
            int code = body.readUnsignedShortLE();
            ByteBuf value = option(body);
            if (code == OPTION_DROPPED && value.readableBytes() >= Long.BYTES) {
                return Math.max(0, value.readLongLE());
            }
        }
        return 0;
    }

    Instant time(long units) throws CaptureFormatException {
        long second = Long.divideUnsigned(units, unitsPerSecond);
        if (second < 0 || second >= MAX_SECOND) {
            throw new CaptureFormatException(
                    "time: %s s (expected: at most %d)"
                            .formatted(Long.toUnsignedString(second), MAX_SECOND - 1));
        }
        long rest = Long.remainderUnsigned(units, unitsPerSecond);
        return Instant.ofEpochSecond(second, rest * (1_000_000_000 / unitsPerSecond));
    }

    private static ByteBuf option(ByteBuf body) throws CaptureFormatException {
        int size = body.readUnsignedShortLE();
        int padded = size + 3 & ~3;
        if (padded > body.readableBytes()) {
            throw new CaptureFormatException(
                    "option: %d bytes (expected: at most %d)"
                            .formatted(size, body.readableBytes()));
        }
        ByteBuf value = body.slice(body.readerIndex(), size);
        body.skipBytes(padded);
        return value;
    }

    private static long unitsPerSecond(int resolution) throws CaptureFormatException {
        if (resolution > 9) {
            throw new CaptureFormatException(
                    "if_tsresol: %d (expected: 0 to 9, a power of ten)".formatted(resolution));
        }
        long units = 1;
        for (int i = 0; i < resolution; i++) {
            units *= 10;
        }
        return units;
    }
}
