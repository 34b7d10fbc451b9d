package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.UNMAP_ALL;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.WireFormat;
import java.util.List;

/// DMA_UNMAP.
final class DmaUnmapChecks {
    private static final long BASE = 0x2_0000_0000L;
    private static final long SIZE = 0x4000;
    private static final int GET_BITMAP = 1;

    private DmaUnmapChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DMA_UNMAP", "VFIO_USER_DMA_UNMAP");
        addUnknown(group);
        addFlags(group);
        addUnmaps(group);
        return group.checks();
    }

    private static void addUnknown(CheckGroup group) {
        unknown(group, "an address in no region", BASE + 4 * SIZE, SIZE);
        unknown(group, "the address of a region with a smaller size", BASE, SIZE / 2);
        unknown(group, "the address of a region with a larger size", BASE, 2 * SIZE);
        unknown(group, "a range inside a region", BASE + 0x1000, 0x1000);
        unknown(group, "a range around a region", BASE - 0x1000, SIZE + 0x2000);
        unknown(group, "size 0", BASE, 0);
        group.check(
                "two regions at once",
                "refused with ENOENT",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.succeeds(Commands.dmaMap(BASE + SIZE, SIZE));
                    peer.refuses(Commands.dmaUnmap(0, BASE, 2 * SIZE), Errno.ENOENT);
                });
        group.check(
                "the same region twice",
                "done, then refused with ENOENT",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    peer.refuses(Commands.dmaUnmap(0, BASE, SIZE), Errno.ENOENT);
                });
    }

    private static void addFlags(CheckGroup group) {
        for (int flags : new int[] {3, 4, 8, 0x8000_0000}) {
            group.check(
                    "flags 0x%x".formatted(flags),
                    "refused with EINVAL",
                    peer -> {
                        peer.succeeds(Commands.dmaMap(BASE, SIZE));
                        RawCommand unmap = Commands.dmaUnmap(flags, BASE, SIZE);
                        peer.refuses(unmap.u64(4096).u64(8), Errno.EINVAL);
                        peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    });
        }
        group.check(
                "ALL with an address or a size",
                "refused with EINVAL",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.refuses(Commands.dmaUnmap(UNMAP_ALL, BASE, SIZE), Errno.EINVAL);
                    peer.refuses(Commands.dmaUnmap(UNMAP_ALL, BASE, 0), Errno.EINVAL);
                    peer.refuses(Commands.dmaUnmap(UNMAP_ALL, 0, SIZE), Errno.EINVAL);
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                });
        group.check(
                "the dirty bitmap while no log is on",
                "refused with EINVAL; the region stays",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    RawCommand unmap = Commands.dmaUnmap(GET_BITMAP, BASE, SIZE);
                    peer.refuses(unmap.u64(4096).u64(8).set32(0, 48), Errno.EINVAL);
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                });
    }

    private static void addUnmaps(CheckGroup group) {
        group.check(
                "the reply",
                "the 24 bytes of the request",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    Answer reply = peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    reply.checkLength(WireFormat.DMA_UNMAP_SIZE);
                    Difference.check("argsz", (long) WireFormat.DMA_UNMAP_SIZE, reply.u32(0));
                    Difference.checkHex("flags", 0, reply.u32(4));
                    Difference.checkHex("address", BASE, reply.u64(8));
                    Difference.checkHex("size", SIZE, reply.u64(16));
                });
        group.check(
                "the same range mapped, unmapped and mapped again",
                "done each time",
                peer -> {
                    for (int round = 0; round < 8; round++) {
                        peer.succeeds(
                                Commands.dmaMap(3, 0, BASE, SIZE),
                                Peer.descriptorOf(peer.sharedMemory(SIZE)));
                        peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    }
                });
        group.check(
                "one region of three",
                "leaves the others",
                peer -> {
                    for (int i = 0; i < 3; i++) {
                        peer.succeeds(Commands.dmaMap(BASE + i * SIZE, SIZE));
                    }
                    peer.succeeds(Commands.dmaUnmap(0, BASE + SIZE, SIZE));
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    peer.succeeds(Commands.dmaUnmap(0, BASE + 2 * SIZE, SIZE));
                });
        group.check(
                "ALL",
                "unmaps all regions",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.succeeds(
                            Commands.dmaMap(3, 0, BASE + SIZE, SIZE),
                            Peer.descriptorOf(peer.sharedMemory(SIZE)));
                    peer.succeeds(Commands.dmaUnmap(UNMAP_ALL, 0, 0));
                    peer.refuses(Commands.dmaUnmap(0, BASE, SIZE), Errno.ENOENT);
                    peer.refuses(Commands.dmaUnmap(0, BASE + SIZE, SIZE), Errno.ENOENT);
                });
        group.check(
                "ALL without any region",
                "done",
                peer -> peer.succeeds(Commands.dmaUnmap(UNMAP_ALL, 0, 0)));
        group.check(
                "a stray descriptor, as of SPDK",
                "done; the descriptor is closed",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE), Peer.strayDescriptors(1));
                });
    }

    private static void unknown(CheckGroup group, String name, long address, long size) {
        group.check(
                name,
                "refused with ENOENT; the region stays",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.refuses(Commands.dmaUnmap(0, address, size), Errno.ENOENT);
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                });
    }
}
