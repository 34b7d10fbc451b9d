package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.WireFormat;
import java.util.List;

/// DEVICE_GET_REGION_IO_FDS.
final class RegionIoFdsChecks {
    private static final int FIXED = WireFormat.REGION_IO_FDS_SIZE;

    private RegionIoFdsChecks() {}

    static List<ConformanceCheck> checks() {
        var group =
                new CheckGroup("DEVICE_GET_REGION_IO_FDS", "VFIO_USER_DEVICE_GET_REGION_IO_FDS");
        for (long index : new long[] {Bits.PCI_REGIONS, 0xffff_ffffL}) {
            group.check(
                    "region 0x%x".formatted(index),
                    "refused with EINVAL",
                    peer -> peer.refuses(Commands.regionIoFds((int) index, FIXED), Errno.EINVAL));
        }
        group.check(
                "flags or count other than 0",
                "refused with EINVAL",
                peer -> {
                    peer.refuses(
                            Commands.regionIoFds(Bits.CONFIG, FIXED).set32(4, 1), Errno.EINVAL);
                    peer.refuses(
                            Commands.regionIoFds(Bits.CONFIG, FIXED).set32(12, 1), Errno.EINVAL);
                });
        group.check(
                "argsz 16",
                "the number of entries and the argsz that they need; no descriptors",
                peer -> {
                    for (int region = 0; region < Bits.PCI_REGIONS; region++) {
                        if (peer.target().region(region).size() > 0) {
                            firstStep(peer, region);
                        }
                    }
                });
        group.check(
                "the argsz that the entries need",
                "all entries, with descriptors for those that name one",
                peer -> {
                    for (int region = 0; region < Bits.PCI_REGIONS; region++) {
                        if (peer.target().region(region).size() > 0) {
                            secondStep(peer, region);
                        }
                    }
                });
        return group.checks();
    }

    private static long firstStep(Peer peer, int region) {
        Answer reply = peer.succeeds(Commands.regionIoFds(region, FIXED));
        reply.checkLength(FIXED);
        Difference.check("index", (long) region, reply.u32(8));
        Difference.check("descriptors", 0, reply.descriptors().count());
        long count = reply.u32(12);
        long room = reply.u32(0) - FIXED;
        boolean fits = count == 0 ? room == 0 : room % count == 0 && room / count >= 32;
        Difference.check(
                fits, "argsz of 16 and the entries", "argsz " + reply.u32(0) + ", count " + count);
        return reply.u32(0);
    }

    private static void secondStep(Peer peer, int region) {
        long argsz = firstStep(peer, region);
        Answer reply = peer.succeeds(Commands.regionIoFds(region, argsz));
        reply.checkLength((int) argsz);
        long count = reply.u32(12);
        if (count == 0) {
            return;
        }
        int size = (int) ((argsz - FIXED) / count);
        for (int i = 0; i < count; i++) {
            long index = reply.u32(FIXED + i * size + 16);
            Difference.check(
                    index == 0xffff_ffffL || index < reply.descriptors().count(),
                    "fd_index of a descriptor that came along",
                    "fd_index " + index + " and " + reply.descriptors().count() + " descriptors");
        }
    }
}
