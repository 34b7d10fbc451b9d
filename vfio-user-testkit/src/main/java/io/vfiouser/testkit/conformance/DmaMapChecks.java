package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.DMA_READ_WRITE;
import static io.vfiouser.testkit.conformance.Bits.UNMAP_ALL;

import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import java.util.List;

/// DMA_MAP.
final class DmaMapChecks {
    private static final long BASE = 0x1_0000_0000L;
    private static final long SIZE = 0x4000;
    private static final int REGIONS = 256;
    private static final String MAPS = "maps it";

    private DmaMapChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DMA_MAP", "VFIO_USER_DMA_MAP");
        addFlags(group);
        addRanges(group);
        addOverlaps(group);
        addDescriptors(group);
        addMaps(group);
        return group.checks();
    }

    private static void addFlags(CheckGroup group) {
        for (int flags : new int[] {0x10, 0x8000_0000, 0xf3}) {
            group.check(
                    "unknown flags 0x%x".formatted(flags),
                    "refused with EINVAL",
                    peer -> peer.refuses(map(flags | DMA_READ_WRITE, BASE, SIZE), Errno.EINVAL));
        }
        group.check(
                "MMAP and FILE_IO together",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                map(DMA_READ_WRITE | DmaFlags.MMAP | DmaFlags.FILE_IO, BASE, SIZE),
                                Peer.descriptorOf(peer.sharedMemory(SIZE)),
                                Errno.EINVAL));
        group.check(
                "MMAP without a descriptor",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                map(DMA_READ_WRITE | DmaFlags.MMAP, BASE, SIZE), Errno.EINVAL));
        group.check(
                "FILE_IO without a descriptor",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                map(DMA_READ_WRITE | DmaFlags.FILE_IO, BASE, SIZE), Errno.EINVAL));
    }

    private static void addRanges(CheckGroup group) {
        refusedHere(group, "size 0", BASE, 0);
        refusedHere(group, "a range that wraps around 2^64", -0x1000, 0x2000);
        group.check(
                        "a size of 2^64 - 1 from an address above 0",
                        "refused with EINVAL",
                        peer -> peer.refuses(Commands.dmaMap(0x1000, -1), Errno.EINVAL))
                .reference(
                        "ENOSPC", peer -> peer.refuses(Commands.dmaMap(0x1000, -1), Errno.ENOSPC));
        group.check(
                "a range that ends at 2^64",
                "accepted",
                peer -> {
                    peer.succeeds(Commands.dmaMap(-0x1000, 0x1000));
                    peer.succeeds(Commands.dmaUnmap(0, -0x1000, 0x1000));
                });
        group.check(
                "a range of 2^62 bytes without a descriptor",
                "accepted, or refused with ENOSPC or EINVAL",
                peer -> {
                    Answer reply = peer.call(Commands.dmaMap(0, 1L << 62));
                    Difference.check(
                            !reply.isError()
                                    || reply.errno().equals(Errno.ENOSPC)
                                    || reply.errno().equals(Errno.EINVAL),
                            "good, ENOSPC or EINVAL",
                            reply.toString());
                    peer.inStep();
                });
    }

    private static void addOverlaps(CheckGroup group) {
        overlap(group, "its beginning", BASE - SIZE / 2, SIZE);
        overlap(group, "its end", BASE + SIZE / 2, SIZE);
        overlap(group, "its inside", BASE + 0x1000, 0x1000);
        overlap(group, "all of it and more", BASE - 0x1000, SIZE + 0x2000);
        overlap(group, "its first byte", BASE - 0x1000, 0x1001);
        overlap(group, "its last byte", BASE + SIZE - 1, 1);
        group.check(
                        "the same range in another file",
                        "refused with EEXIST",
                        peer -> mapTwice(peer, Errno.EEXIST))
                .reference("EINVAL", peer -> mapTwice(peer, Errno.EINVAL));
        group.check(
                "the same request again",
                "refused with EEXIST, or done as in the C library; the region stays one",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    Answer again = peer.call(Commands.dmaMap(BASE, SIZE));
                    Difference.check(
                            !again.isError() || again.errno().equals(Errno.EEXIST),
                            "good or EEXIST",
                            again.toString());
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    peer.refuses(Commands.dmaUnmap(0, BASE, SIZE), Errno.ENOENT);
                });
        group.check(
                "a refused map",
                "leaves the region that was there",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.call(Commands.dmaMap(BASE + 0x1000, SIZE));
                    peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                });
    }

    private static void addDescriptors(CheckGroup group) {
        group.check(
                "a descriptor that is no file",
                "refused",
                peer ->
                        anyRefusal(
                                peer, map(DMA_READ_WRITE, BASE, SIZE), Peer.strayDescriptors(1)));
        group.check(
                        "a file that ends before the range",
                        "refused: what lies behind it would be a fault in the server",
                        peer ->
                                anyRefusal(
                                        peer,
                                        map(DMA_READ_WRITE, BASE, 2 * SIZE),
                                        Peer.descriptorOf(peer.sharedMemory(SIZE))))
                .reference(
                        MAPS,
                        peer ->
                                peer.succeeds(
                                        map(DMA_READ_WRITE, BASE, 2 * SIZE),
                                        Peer.descriptorOf(peer.sharedMemory(SIZE))));
        group.check(
                "an offset beyond 2^63 in the file",
                "refused",
                peer ->
                        anyRefusal(
                                peer,
                                Commands.dmaMap(DMA_READ_WRITE, -0x1000, BASE, SIZE),
                                Peer.descriptorOf(peer.sharedMemory(SIZE))));
        group.check(
                "two descriptors",
                "done with the first, or refused with EINVAL; both are closed",
                peer -> {
                    RawCommand map = map(DMA_READ_WRITE, BASE, SIZE);
                    SharedMemory memory = peer.sharedMemory(SIZE);
                    peer.send(map, FdBundle.of(memory.duplicate(), memory.duplicate()));
                    Answer reply = peer.replyTo(map);
                    Difference.check(
                            !reply.isError() || reply.errno().equals(Errno.EINVAL),
                            "good or EINVAL",
                            reply.toString());
                    peer.inStep();
                });
    }

    private static void addMaps(CheckGroup group) {
        for (int flags :
                new int[] {1, 2, 3, 1 | DmaFlags.MMAP, 3 | DmaFlags.MMAP, 3 | DmaFlags.FILE_IO}) {
            group.check(
                    "flags 0x%x with a descriptor".formatted(flags),
                    "done, with a reply of a header only",
                    peer -> {
                        SharedMemory memory = peer.sharedMemory(SIZE);
                        RawCommand map = map(flags, BASE, SIZE);
                        peer.succeeds(map, Peer.descriptorOf(memory)).checkLength(0);
                        peer.succeeds(Commands.dmaUnmap(0, BASE, SIZE));
                    });
        }
        group.check(
                "no descriptor",
                "done: the memory is reached by messages",
                peer -> peer.succeeds(Commands.dmaMap(BASE, SIZE)).checkLength(0));
        group.check(
                "regions side by side",
                "done: they do not overlap",
                peer -> {
                    peer.succeeds(Commands.dmaMap(BASE, SIZE));
                    peer.succeeds(Commands.dmaMap(BASE + SIZE, SIZE));
                    peer.succeeds(Commands.dmaMap(BASE - SIZE, SIZE));
                });
        group.check(
                "an unaligned offset and size",
                "done",
                peer -> {
                    SharedMemory memory = peer.sharedMemory(0x3000);
                    peer.succeeds(
                            Commands.dmaMap(DMA_READ_WRITE, 0x801, BASE + 0x801, 0x1234),
                            Peer.descriptorOf(memory));
                    peer.succeeds(Commands.dmaUnmap(0, BASE + 0x801, 0x1234));
                });
        group.check(
                REGIONS + " regions, pipelined as QEMU sends them",
                "done, answered in order",
                DmaMapChecks::many);
    }

    private static void many(Peer peer) {
        SharedMemory memory = peer.sharedMemory(REGIONS * SIZE);
        for (int i = 0; i < REGIONS; i++) {
            RawCommand map = Commands.dmaMap(DMA_READ_WRITE, i * SIZE, BASE + 2L * i * SIZE, SIZE);
            peer.send(map.id(i), Peer.descriptorOf(memory));
        }
        for (int i = 0; i < REGIONS; i++) {
            peer.goodReplyTo(Commands.dmaMap(0, 0).id(i));
        }
        peer.succeeds(Commands.dmaUnmap(0, BASE + 2 * SIZE, SIZE));
        peer.succeeds(Commands.dmaUnmap(UNMAP_ALL, 0, 0));
    }

    private static void refusedHere(CheckGroup group, String name, long address, long size) {
        group.check(
                        name,
                        "refused with EINVAL",
                        peer -> peer.refuses(Commands.dmaMap(address, size), Errno.EINVAL))
                .reference(MAPS, peer -> peer.succeeds(Commands.dmaMap(address, size)));
    }

    private static void overlap(CheckGroup group, String what, long address, long size) {
        group.check(
                        "a range over " + what,
                        "refused with EEXIST",
                        peer -> mapOver(peer, address, size, Errno.EEXIST))
                .reference("EINVAL", peer -> mapOver(peer, address, size, Errno.EINVAL));
    }

    private static void mapOver(Peer peer, long address, long size, Errno errno) {
        peer.succeeds(Commands.dmaMap(BASE, SIZE));
        peer.refuses(Commands.dmaMap(address, size), errno);
    }

    private static void mapTwice(Peer peer, Errno errno) {
        RawCommand map = map(DMA_READ_WRITE, BASE, SIZE);
        peer.succeeds(map, Peer.descriptorOf(peer.sharedMemory(SIZE)));
        peer.refuses(map, Peer.descriptorOf(peer.sharedMemory(SIZE)), errno);
    }

    private static void anyRefusal(Peer peer, RawCommand map, FdBundle descriptors) {
        peer.send(map, descriptors);
        Answer reply = peer.replyTo(map);
        Difference.check(reply.isError(), "an error", reply.toString());
        peer.inStep();
    }

    private static RawCommand map(int flags, long address, long size) {
        return Commands.dmaMap(flags, 0, address, size);
    }
}
