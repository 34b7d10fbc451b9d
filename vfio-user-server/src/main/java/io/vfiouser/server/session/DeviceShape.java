package io.vfiouser.server.session;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.Region;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.region.RegionTable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a client may have learned of a device, which a device that takes its place must have too:
/// as a text that is the same for the same.
final class DeviceShape {
    private DeviceShape() {}

    static String of(DeviceLayout layout, FunctionRegions functions) {
        try (var out = new ImageWriter()) {
            for (int index = 0; index < RegionTable.COUNT; index++) {
                write(out.number(index), functions.regions().find(index).orElse(null));
            }
            for (IrqIndex index : IrqIndex.values()) {
                out.number(layout.irqCount(index));
            }
            functions.config().describe(out);
            return HexFormat.of().formatHex(digest(out.finish().bytes()));
        }
    }

    private static byte[] digest(byte[] shape) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(shape);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has it", e);
        }
    }

    private static void write(ImageWriter out, @Nullable Region region) {
        out.flag(region != null);
        if (region == null) {
            return;
        }
        out.number(region.size()).flag(region.readable()).flag(region.writable());
        region.mappable()
                .ifPresent(memory -> {
                    out.number(memory.fileOffset()).number(memory.memory().size());
                    for (MappableArea area : memory.areas()) {
                        out.number(area.offset()).number(area.size());
                    }
                });
    }
}
