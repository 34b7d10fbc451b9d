package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.LegacyFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The commands of the legacy dialect.
final class LegacyChecks {
    private static final long PAGE = 4096;

    private LegacyChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("legacy dialect", "vfio-user Protocol Specification, 0.1");
        negotiation(group);
        refusals(group);
        info(group);
        irqs(group);
        memory(group);
        return group.checks();
    }

    private static void negotiation(CheckGroup group) {
        group.beforeVersion(
                        "major version 1",
                        "refused with ENOTSUP, a positive number",
                        peer ->
                                peer.refusal(
                                        LegacyMessages.version(1, 1, LegacyMessages.TEXT),
                                        Errno.ENOTSUP))
                .reference(
                        "refused with the negated number",
                        peer -> {
                            Answer answer =
                                    peer.call(LegacyMessages.version(1, 1, LegacyMessages.TEXT));
                            Difference.check(
                                    "error field",
                                    -Errno.ENOTSUP.number(),
                                    answer.header().error());
                        });
        group.beforeVersion(
                "minor version 7",
                "answered with 0.1 or less, and max_fds",
                peer -> {
                    Answer answer =
                            peer.succeeds(LegacyMessages.version(0, 7, LegacyMessages.TEXT));
                    Difference.check("major", 0, answer.u16(0));
                    Difference.check(
                            answer.u16(2) <= LegacyFormat.MINOR_VERSION,
                            "minor 1 at most",
                            "minor " + answer.u16(2));
                    String text = new String(answer.bytesFrom(4), StandardCharsets.UTF_8);
                    Difference.check(text.contains("\"max_fds\""), "max_fds", text);
                    Difference.check(!text.contains("max_msg_fds"), "no max_msg_fds", text);
                });
        group.beforeVersion(
                "no VERSION first",
                "refused with EINVAL",
                peer -> peer.refusal(LegacyMessages.info(), Errno.EINVAL));
    }

    private static void refusals(CheckGroup group) {
        for (int command : new int[] {0, 10, 11, 12, 15, 16, 17, 18, 0xffff}) {
            group.check(
                    "command " + command,
                    "refused with EINVAL",
                    peer -> peer.refuses(RawCommand.of(command).zeros(32), Errno.EINVAL));
        }
        refused(group, "VERSION again", LegacyMessages.version(0, 1, LegacyMessages.TEXT));
        refused(group, "short DEVICE_GET_INFO", LegacyMessages.info().cutTo(12));
        refused(group, "region info of region 10", LegacyMessages.regionInfo(10, 32));
        refused(group, "region info with argsz 31", LegacyMessages.regionInfo(0, 31));
        refused(group, "IRQ info of index 5", LegacyMessages.irqInfo(5));
        refused(group, "IRQ info with 20 bytes", LegacyMessages.irqInfo(0).zeros(4));
        refused(group, "IRQ info with argsz 20", LegacyMessages.irqInfo(0).set32(0, 20));
        refused(group, "read of region 0xdeadbeef", LegacyMessages.read(0xdeadbeef, 0, 4));
        refused(group, "read past the end", LegacyMessages.read(Bits.CONFIG, 0xfff, 2));
        refused(
                group,
                "write with less data than count",
                LegacyMessages.write(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1).set32(12, 2));
        refused(
                group,
                "SET_IRQS with argsz 19",
                LegacyMessages.setIrqs(0x24, 0, 0, 1).set32(0, 19));
        refused(group, "DMA_MAP of 31 bytes", LegacyMessages.map().zeros(31));
        refused(group, "DMA_UNMAP of 33 bytes", LegacyMessages.unmap().zeros(33));
        refused(group, "DIRTY_PAGES of 4 bytes", LegacyMessages.dirtyPages(1, 0).cutTo(4));
        refused(group, "DIRTY_PAGES with argsz 9", LegacyMessages.dirtyPages(1, 0).set32(0, 9));
        refused(group, "DIRTY_PAGES without flags", LegacyMessages.dirtyPages(0, 0));
        refused(group, "DIRTY_PAGES with all flags", LegacyMessages.dirtyPages(7, 0));
    }

    private static void info(CheckGroup group) {
        group.check(
                "DEVICE_GET_INFO",
                "answered with 10 regions and 5 interrupt types",
                peer -> {
                    Answer info = peer.succeeds(LegacyMessages.info());
                    Difference.check("num_regions", (long) LegacyFormat.REGION_COUNT, info.u32(8));
                    Difference.check("num_irqs", (long) Bits.PCI_IRQS, info.u32(12));
                });
        group.check(
                "region info with argsz 100",
                "answered with exactly 100 bytes",
                peer ->
                        peer.succeeds(LegacyMessages.regionInfo(Bits.CONFIG, 100))
                                .checkLength(100));
        group.check(
                "regions that can be mapped",
                "come with a descriptor for each area",
                LegacyChecks::descriptorsOfAreas);
        group.check(
                "config space",
                "can be read",
                peer -> {
                    Answer read = peer.succeeds(LegacyMessages.read(Bits.CONFIG, 0, 4));
                    Difference.check("count", 4L, read.u32(12));
                    Difference.check(read.u32(16) != 0xffff_ffffL, "ids", "all ones");
                });
        group.check(
                "a write to config space",
                "is done, and read back",
                peer -> {
                    peer.succeeds(
                            LegacyMessages.write(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 0x5a));
                    Answer read =
                            peer.succeeds(LegacyMessages.read(Bits.CONFIG, Bits.INTERRUPT_LINE, 1));
                    Difference.check("value", 0x5a, read.u8(16));
                });
        group.check("DEVICE_RESET", "is done", peer -> peer.succeeds(LegacyMessages.reset()));
    }

    private static void descriptorsOfAreas(Peer peer) {
        boolean any = false;
        for (int region = 0; region < LegacyFormat.REGION_COUNT; region++) {
            Answer first = peer.succeeds(LegacyMessages.regionInfo(region, 32));
            Difference.checkHex("offset", (long) region << 40, first.u64(24));
            if ((first.u32(4) & 4) == 0) {
                continue;
            }
            any = true;
            Answer all = peer.succeeds(LegacyMessages.regionInfo(region, (int) first.u32(0)));
            Difference.check(
                    "descriptors of region " + region,
                    areas(all),
                    (long) all.descriptors().count());
        }
        NotApplicableException.unless(any, "a region that can be mapped");
    }

    /// How many areas the capabilities name.
    private static long areas(Answer info) {
        int at = (int) info.u32(12);
        for (int steps = 0; at != 0 && steps < 8; steps++) {
            if (info.u16(at) == 1) {
                return info.u32(at + 8);
            }
            at = (int) info.u32(at + 4);
        }
        return 0;
    }

    private static void irqs(CheckGroup group) {
        group.check(
                "IRQ info of every index",
                "answered with 16 bytes",
                peer -> {
                    for (int i = 0; i < Bits.PCI_IRQS; i++) {
                        peer.succeeds(LegacyMessages.irqInfo(i)).checkLength(16);
                    }
                });
        group.check(
                "an eventfd for ERR",
                "is taken",
                peer -> {
                    requireVectors(peer, Bits.ERR);
                    EventFd eventFd = peer.eventFd();
                    peer.succeeds(
                            LegacyMessages.setIrqs(Bits.TRIGGER_EVENTFD, Bits.ERR, 0, 1),
                            Peer.descriptorOf(eventFd));
                });
        group.check(
                "an eventfd that is missing",
                "refused with EINVAL",
                peer -> {
                    requireVectors(peer, Bits.ERR);
                    peer.refuses(
                            LegacyMessages.setIrqs(Bits.TRIGGER_EVENTFD, Bits.ERR, 0, 1),
                            Errno.EINVAL);
                });
        group.check(
                        "an index that is disabled",
                        "is disabled",
                        peer -> {
                            requireVectors(peer, Bits.ERR);
                            peer.succeeds(
                                    LegacyMessages.setIrqs(Bits.TRIGGER_NONE, Bits.ERR, 0, 0));
                        })
                .reference(
                        "refused with EINVAL",
                        peer ->
                                peer.refuses(
                                        LegacyMessages.setIrqs(Bits.TRIGGER_NONE, Bits.ERR, 0, 0),
                                        Errno.EINVAL));
    }

    private static void requireVectors(Peer peer, int index) {
        NotApplicableException.unless(
                peer.succeeds(LegacyMessages.irqInfo(index)).u32(12) != 0,
                "an interrupt of type " + index);
    }

    private static void memory(CheckGroup group) {
        group.check("DMA_MAP of nothing", "is done", peer -> peer.succeeds(LegacyMessages.map()));
        group.check(
                "DMA_UNMAP of nothing", "is done", peer -> peer.succeeds(LegacyMessages.unmap()));
        group.check(
                "two regions in one message, each with its descriptor",
                "are mapped, and unmapped in one message",
                peer -> {
                    mapTwo(peer);
                    RawCommand unmap = LegacyMessages.unmap();
                    LegacyMessages.region(unmap, 0, PAGE, 0, 0);
                    LegacyMessages.region(unmap, PAGE, PAGE, PAGE, 0);
                    peer.succeeds(unmap);
                });
        group.check(
                "a region beside one that is mapped already",
                "stays when the other is refused",
                peer -> {
                    mapTwo(peer);
                    RawCommand map = LegacyMessages.map();
                    LegacyMessages.region(map, 4 * PAGE, PAGE, 0, 0);
                    LegacyMessages.region(map, PAGE / 2, PAGE, 0, 0);
                    Answer answer = peer.call(map);
                    Difference.check(answer.isError(), "refused", answer.toString());
                    peer.succeeds(
                            LegacyMessages.region(LegacyMessages.unmap(), 4 * PAGE, PAGE, 0, 0));
                });
        group.check(
                "a mappable region without descriptor",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                LegacyMessages.region(LegacyMessages.map(), 0, PAGE, 0, 1),
                                Errno.EINVAL));
        group.check(
                "DMA_UNMAP of what is not mapped",
                "refused with ENOENT",
                peer ->
                        peer.refuses(
                                LegacyMessages.region(LegacyMessages.unmap(), PAGE, PAGE, 0, 0),
                                Errno.ENOENT));
        group.check(
                "a descriptor too many",
                "is closed without complaint",
                peer ->
                        peer.succeeds(
                                LegacyMessages.region(LegacyMessages.map(), 0, PAGE, 0, 0),
                                Peer.strayDescriptors(1)));
    }

    /// Two pages at 0, of one file.
    static void mapTwo(Peer peer) {
        SharedMemory memory = peer.sharedMemory(2 * PAGE);
        RawCommand map = LegacyMessages.map();
        LegacyMessages.region(map, 0, PAGE, 0, LegacyFormat.DMA_REGION_MAPPABLE);
        LegacyMessages.region(map, PAGE, PAGE, PAGE, LegacyFormat.DMA_REGION_MAPPABLE);
        peer.succeeds(map, FdBundle.of(memory.duplicate(), memory.duplicate()));
    }

    private static void refused(CheckGroup group, String name, RawCommand command) {
        group.check(name, "refused with EINVAL", peer -> peer.refuses(command, Errno.EINVAL));
    }

    static boolean migrates(Peer peer) {
        Answer info = peer.succeeds(LegacyMessages.regionInfo(LegacyFormat.MIGRATION_REGION, 32));
        return info.u64(16) != 0;
    }
}
