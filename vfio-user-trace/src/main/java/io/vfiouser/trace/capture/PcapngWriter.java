package io.vfiouser.trace.capture;

import static io.vfiouser.trace.capture.PacketFormat.BYTE_ORDER_MAGIC;
import static io.vfiouser.trace.capture.PacketFormat.INTERFACE_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.LINK_TYPE;
import static io.vfiouser.trace.capture.PacketFormat.NANOSECONDS;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_DROPPED;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_NAME;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_PACKET_FLAGS;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_TIME_RESOLUTION;
import static io.vfiouser.trace.capture.PacketFormat.OPTION_USER_APPLICATION;
import static io.vfiouser.trace.capture.PacketFormat.PACKET_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.SECTION_BLOCK;
import static io.vfiouser.trace.capture.PacketFormat.STATISTICS_BLOCK;

import io.vfiouser.protocol.Command.Direction;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes one pcapng section: a device is an interface, each record a packet. One thread at a time.
///
/// Names of registers are kept, so that [#startSection] can begin anew in another file.
final class PcapngWriter {
    private final Map<String, CaptureRecord.Registers> registers = new LinkedHashMap<>();
    private final Map<String, Integer> interfaces = new LinkedHashMap<>();
    private OutputStream out;
    private long written;

    PcapngWriter(OutputStream out) throws IOException {
        this.out = out;
        startSection(out);
    }

    /// Bytes written since the section was started.
    long written() {
        return written;
    }

    /// Goes on in another stream, with all that a reader of it has to know.
    void startSection(OutputStream next) throws IOException {
        out = next;
        written = 0;
        interfaces.clear();
        put(
                new BlockWriter(SECTION_BLOCK)
                        .u32(BYTE_ORDER_MAGIC)
                        .u16(1)
                        .u16(0)
                        .u64(-1)
                        .option(OPTION_USER_APPLICATION, utf8("vfio-user"))
                        .endOptions());
        for (CaptureRecord.Registers names : registers.values()) {
            packet(names);
        }
    }

    void write(CaptureRecord record) throws IOException {
        if (record instanceof CaptureRecord.Registers names) {
            registers.put(names.device(), names);
        }
        packet(record);
    }

    /// Notes how many records did not get here, at the end or from time to time.
    void lost(String device, Instant time, long count) throws IOException {
        int number = interfaceOf(device);
        var block = new BlockWriter(STATISTICS_BLOCK).u32(number);
        time(block, time);
        var value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        put(block.option(OPTION_DROPPED, value.putLong(0, count).array()).endOptions());
    }

    private void packet(CaptureRecord record) throws IOException {
        int number = interfaceOf(record.device());
        byte[] body = PacketBody.write(record);
        var block = new BlockWriter(PACKET_BLOCK).u32(number);
        time(block, record.time());
        block.u32(body.length).u32(body.length).bytes(body).pad();
        int flags = isInbound(record) ? 1 : 2;
        block.u16(OPTION_PACKET_FLAGS).u16(4).u32(flags);
        put(block.endOptions());
    }

    private int interfaceOf(String device) throws IOException {
        Integer known = interfaces.get(device);
        if (known != null) {
            return known;
        }
        put(
                new BlockWriter(INTERFACE_BLOCK)
                        .u16(LINK_TYPE)
                        .u16(0)
                        .u32(0)
                        .option(OPTION_NAME, utf8(device))
                        .option(OPTION_TIME_RESOLUTION, new byte[] {NANOSECONDS})
                        .endOptions());
        int number = interfaces.size();
        interfaces.put(device, number);
        return number;
    }

    private void put(BlockWriter block) throws IOException {
        byte[] bytes = block.finish();
        out.write(bytes);
        written += bytes.length;
    }

    private static boolean isInbound(CaptureRecord record) {
        return switch (record) {
            case CaptureRecord.Message(var message) ->
                    message.direction() == Direction.CLIENT_TO_SERVER;
            case CaptureRecord.Memory _, CaptureRecord.SessionEnd _ -> true;
            case CaptureRecord.Interrupt _, CaptureRecord.Registers _ -> false;
        };
    }

    private static void time(BlockWriter block, Instant time) {
        long nanos = time.getEpochSecond() * 1_000_000_000 + time.getNano();
        block.u32(nanos >>> 32).u32(nanos);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
