package io.vfiouser.server.session;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.region.RegionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one process tells another of a device that goes on there: its files, config space and
/// state, and its client. [DeviceRevival] reads it back in the same order.
final class DeviceImage {
    private DeviceImage() {}

    /// Writes all that another process needs, of a device that is stopped.
    ///
    /// @param files of the device, borrowed
    /// @param state of the device
    static void save(DeviceHost host, ImageWriter out, FdBundle files, byte[] state) {
        List<Map.Entry<Integer, SharedMemory>> memories = usedMemories(host);
        out.number(host.sessions()).number(memories.size());
        memories.forEach(each -> out.number(each.getKey()).descriptor(each.getValue().fd()));
        out.descriptors(files).bytes(host.functions().save()).text(host.migration().state().name());
        Session session = host.session();
        Attachment attachment = session == null ? null : session.attachment();
        out.flag(session != null);
        if (session != null) {
            session.move().save(out);
        }
        if (attachment != null) {
            attachment.log().save(out);
            attachment.dma().save(out);
        }
        out.bytes(state);
        if (attachment != null) {
            attachment.doorbells().save(out);
            attachment.irqs().save(out);
        }
    }

    /// Takes over the device's files, which come first.
    static void restoreFiles(DeviceHost host, ImageReader in, Handover handover) {
        host.continueSessions(in.longNumber());
        int memories = in.count(RegionTable.COUNT);
        for (int i = 0; i < memories; i++) {
            int region = in.count(RegionTable.COUNT - 1);
            try (FdBundle memory = FdBundle.of(in.descriptor())) {
                mappable(host, region)
                        .orElseThrow(() ->
                                new ImageException(
                                        RegionTable.name(region)
                                                + ": not mappable (expected: as before)"))
                        .adopt(memory, 0);
            }
        }
        try (FdBundle files = in.descriptors()) {
            handover.takeFiles(files);
        }
    }

    private static List<Map.Entry<Integer, SharedMemory>> usedMemories(DeviceHost host) {
        List<Map.Entry<Integer, SharedMemory>> used = new ArrayList<>();
        for (int region = 0; region < RegionTable.COUNT; region++) {
            int index = region;
            mappable(host, region)
                    .filter(SharedMemory::isUsed)
                    .ifPresent(memory -> used.add(Map.entry(index, memory)));
        }
        return used;
    }

    private static Optional<SharedMemory> mappable(DeviceHost host, int region) {
        return host.functions()
                .regions()
                .find(region)
                .flatMap(Region::mappable)
                .map(MappableMemory::memory);
    }
}
