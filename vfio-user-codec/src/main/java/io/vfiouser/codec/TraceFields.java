package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_IRQS_AT;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_REGIONS_AT;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.FEATURE_SIZE;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.MIG_DATA_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.MIG_DATA_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_REGION_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_SIZE;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_SIZE;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_START_AT;
import static io.vfiouser.protocol.WireFormat.VERSION_MINOR_AT;
import static io.vfiouser.protocol.WireFormat.VERSION_SIZE;
import static io.vfiouser.protocol.WireFormat.WRITE_MULTI_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.FeatureFlags;
import java.nio.charset.StandardCharsets;

/// The fields of a payload as words of a trace line.
final class TraceFields {
    private TraceFields() {}

    static void append(StringBuilder line, Command command, boolean reply, ByteBuf frame) {
        int needed = needed(command, reply);
        if (Body.length(frame) < needed) {
            if (Body.length(frame) > 0 || !reply) {
                line.append(" payload=").append(Body.length(frame));
                line.append(" of ").append(needed);
            }
            return;
        }
        switch (command) {
            case VERSION -> version(line, frame);
            case DMA_MAP -> map(line, reply, frame);
            case DMA_UNMAP -> unmap(line, frame);
            case DEVICE_GET_INFO -> info(line, reply, frame);
            case DEVICE_GET_REGION_INFO -> regionInfo(line, reply, frame);
            case DEVICE_GET_REGION_IO_FDS -> regionIoFds(line, reply, frame);
            case DEVICE_GET_IRQ_INFO -> irqInfo(line, reply, frame);
            case DEVICE_SET_IRQS -> setIrqs(line, reply, frame);
            case REGION_READ, REGION_WRITE -> regionAccess(line, frame);
            case DMA_READ, DMA_WRITE -> dmaAccess(line, frame);
            case REGION_WRITE_MULTI -> decimal(line, "writes", Body.u64(frame, 0));
            case DEVICE_FEATURE -> feature(line, frame);
            case MIG_DATA_READ -> decimal(line, "size", Body.u32(frame, MIG_DATA_COUNT_AT));
            case MIG_DATA_WRITE -> migDataWrite(line, reply, frame);
            case DEVICE_RESET -> {}
        }
    }

    private static int needed(Command command, boolean reply) {
        return switch (command) {
            case VERSION -> VERSION_SIZE;
            case DMA_MAP -> reply ? 0 : DMA_MAP_SIZE;
            case DMA_UNMAP -> DMA_UNMAP_SIZE;
            case DEVICE_GET_INFO -> DEVICE_INFO_SIZE;
            case DEVICE_GET_REGION_INFO -> REGION_INFO_SIZE;
            case DEVICE_GET_REGION_IO_FDS -> REGION_IO_FDS_SIZE;
            case DEVICE_GET_IRQ_INFO -> IRQ_INFO_SIZE;
            case DEVICE_SET_IRQS -> reply ? 0 : SET_IRQS_SIZE;
            case REGION_READ, REGION_WRITE -> REGION_ACCESS_SIZE;
            case DMA_READ, DMA_WRITE -> DMA_ACCESS_SIZE;
            case REGION_WRITE_MULTI -> WRITE_MULTI_SIZE;
            case DEVICE_FEATURE -> FEATURE_SIZE;
            case MIG_DATA_READ -> MIG_DATA_SIZE;
            case MIG_DATA_WRITE -> reply ? 0 : MIG_DATA_SIZE;
            case DEVICE_RESET -> 0;
        };
    }

    private static void version(StringBuilder line, ByteBuf frame) {
        line.append(' ').append(Body.u16(frame, 0));
        line.append('.').append(Body.u16(frame, VERSION_MINOR_AT));
        int text = Body.length(frame) - VERSION_SIZE - 1;
        if (text > 0) {
            // One more than is shown, so that a cut is marked.
            int shown = Math.min(text, PeerText.LIMIT + 1);
            String json =
                    Body.view(frame, VERSION_SIZE, shown).toString(StandardCharsets.ISO_8859_1);
            line.append(' ').append(PeerText.quote(json));
        }
    }

    private static void map(StringBuilder line, boolean reply, ByteBuf frame) {
        if (!reply) {
            hex(line, "address", Body.u64(frame, DMA_MAP_ADDRESS_AT));
            hex(line, "size", Body.u64(frame, DMA_MAP_SIZE_AT));
            hex(line, "offset", Body.u64(frame, DMA_MAP_OFFSET_AT));
            hex(line, "flags", Body.u32(frame, FLAGS_AT));
        }
    }

    private static void unmap(StringBuilder line, ByteBuf frame) {
        hex(line, "address", Body.u64(frame, DMA_UNMAP_ADDRESS_AT));
        hex(line, "size", Body.u64(frame, DMA_UNMAP_SIZE_AT));
        hex(line, "flags", Body.u32(frame, FLAGS_AT));
    }

    private static void info(StringBuilder line, boolean reply, ByteBuf frame) {
        argsz(line, frame);
        if (reply) {
            hex(line, "flags", Body.u32(frame, FLAGS_AT));
            decimal(line, "regions", Body.u32(frame, DEVICE_INFO_REGIONS_AT));
            decimal(line, "irqs", Body.u32(frame, DEVICE_INFO_IRQS_AT));
        }
    }

    private static void regionInfo(StringBuilder line, boolean reply, ByteBuf frame) {
        line.append(' ').append(region(Body.u32(frame, REGION_INFO_INDEX_AT)));
        argsz(line, frame);
        if (reply) {
            hex(line, "flags", Body.u32(frame, FLAGS_AT));
            hex(line, "size", Body.u64(frame, REGION_INFO_SIZE_AT));
            hex(line, "offset", Body.u64(frame, REGION_INFO_OFFSET_AT));
        }
    }

    private static void regionIoFds(StringBuilder line, boolean reply, ByteBuf frame) {
        line.append(' ').append(region(Body.u32(frame, REGION_IO_FDS_INDEX_AT)));
        argsz(line, frame);
        if (reply) {
            decimal(line, "count", Body.u32(frame, REGION_IO_FDS_COUNT_AT));
        }
    }

    private static void irqInfo(StringBuilder line, boolean reply, ByteBuf frame) {
        line.append(' ').append(irq(Body.u32(frame, IRQ_INFO_INDEX_AT)));
        if (reply) {
            hex(line, "flags", Body.u32(frame, FLAGS_AT));
            decimal(line, "count", Body.u32(frame, IRQ_INFO_COUNT_AT));
        }
    }

    private static void setIrqs(StringBuilder line, boolean reply, ByteBuf frame) {
        if (!reply) {
            line.append(' ').append(irq(Body.u32(frame, SET_IRQS_INDEX_AT)));
            hex(line, "flags", Body.u32(frame, FLAGS_AT));
            decimal(line, "start", Body.u32(frame, SET_IRQS_START_AT));
            decimal(line, "count", Body.u32(frame, SET_IRQS_COUNT_AT));
        }
    }

    private static void regionAccess(StringBuilder line, ByteBuf frame) {
        line.append(' ').append(region(Body.u32(frame, REGION_ACCESS_REGION_AT)));
        line.append("+0x").append(Long.toHexString(Body.u64(frame, REGION_ACCESS_OFFSET_AT)));
        decimal(line, "count", Body.u32(frame, REGION_ACCESS_COUNT_AT));
    }

    private static void dmaAccess(StringBuilder line, ByteBuf frame) {
        hex(line, "address", Body.u64(frame, 0));
        decimal(line, "count", Body.u64(frame, DMA_ACCESS_COUNT_AT));
    }

    private static void feature(StringBuilder line, ByteBuf frame) {
        var flags = new FeatureFlags(Body.i32(frame, FLAGS_AT));
        decimal(line, "feature", flags.feature());
        line.append(flags.isProbe() ? " PROBE" : "");
        line.append(flags.isGet() ? " GET" : "");
        line.append(flags.isSet() ? " SET" : "");
        argsz(line, frame);
    }

    private static void migDataWrite(StringBuilder line, boolean reply, ByteBuf frame) {
        if (!reply) {
            decimal(line, "size", Body.u32(frame, MIG_DATA_COUNT_AT));
        }
    }

    private static String region(long index) {
        if (index <= 5) {
            return "BAR" + index;
        }
        return switch ((int) index) {
            case 6 -> "ROM";
            case 7 -> "CONFIG";
            case 8 -> "VGA";
            default -> "region 0x" + Long.toHexString(index);
        };
    }

    private static String irq(long index) {
        return switch ((int) index) {
            case 0 -> "INTx";
            case 1 -> "MSI";
            case 2 -> "MSI-X";
            case 3 -> "ERR";
            case 4 -> "REQ";
            default -> "irq 0x" + Long.toHexString(index);
        };
    }

    private static void argsz(StringBuilder line, ByteBuf frame) {
        decimal(line, "argsz", Body.u32(frame, 0));
    }

    private static void decimal(StringBuilder line, String name, long value) {
        line.append(' ').append(name).append('=').append(Long.toUnsignedString(value));
    }

    private static void hex(StringBuilder line, String name, long value) {
        line.append(' ').append(name).append("=0x").append(Long.toHexString(value));
    }
}
