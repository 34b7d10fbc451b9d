package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.WireFormat;
import java.util.ArrayList;
import java.util.List;

/// DEVICE_GET_REGION_INFO.
final class RegionInfoChecks {
    private static final int FIXED = WireFormat.REGION_INFO_SIZE;
    private static final int PAGE = 4096;

    private RegionInfoChecks() {}

    /// The region, its reply with everything, and the areas in it.
    private record Mappable(int region, Answer info, List<Area> areas) {}

    private record Area(long offset, long size) {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_GET_REGION_INFO", "VFIO_USER_DEVICE_GET_REGION_INFO");
        for (long index : new long[] {Bits.PCI_REGIONS, 0x7fff_ffff, 0x8000_0000L, 0xffff_ffffL}) {
            group.check(
                    "region 0x%x".formatted(index),
                    "refused with EINVAL",
                    peer -> peer.refuses(Commands.regionInfo((int) index, FIXED), Errno.EINVAL));
        }
        group.check("all indexes", "answered, unused ones with size 0", RegionInfoChecks::all);
        group.check(
                "config space",
                "256 or 4096 bytes, to be read and written",
                peer -> {
                    Answer info = peer.succeeds(Commands.regionInfo(Bits.CONFIG, FIXED));
                    long size = info.u64(16);
                    Difference.check(size == 256 || size == PAGE, "256 or 4096", "" + size);
                    Difference.checkHex("access flags", 3, info.u32(4) & 3);
                });
        group.check(
                "a mappable region with argsz 32",
                "the fixed part with MMAP and the argsz it needs; no CAPS, no descriptor",
                RegionInfoChecks::firstStep);
        group.check(
                "a mappable region with one byte too little argsz",
                "no CAPS, no descriptor, and the argsz it needs",
                RegionInfoChecks::almostEnough);
        group.check(
                "a mappable region with the argsz it needs",
                "CAPS, a capability chain behind the fixed part, one descriptor",
                peer -> {
                    Mappable found = mappable(peer, 0);
                    Difference.check("descriptors", 1, found.info.descriptors().count());
                });
        group.check(
                "a mappable region with more argsz than needed",
                "the same reply",
                peer -> {
                    Mappable found = mappable(peer, 1000);
                    Difference.check(
                            "length", found.info.u32(0), (long) found.info.payloadLength());
                });
        group.check(
                "mappable areas",
                "whole pages, in order, inside the region",
                RegionInfoChecks::areasInside);
        group.check(
                "the descriptor of a mappable region",
                "can be mapped at the offset of each area",
                RegionInfoChecks::mapAreas);
        return group.checks();
    }

    private static void all(Peer peer) {
        for (int i = 0; i < peer.target().regions().size(); i++) {
            Answer info = peer.succeeds(Commands.regionInfo(i, FIXED));
            info.checkLength(FIXED);
            Difference.check("index", (long) i, info.u32(8));
            Difference.check(info.u32(0) >= FIXED, "argsz of at least 32", "" + info.u32(0));
            if (info.u64(16) == 0) {
                Difference.checkHex("flags of unused region " + i, 0, info.u32(4));
            }
        }
    }

    private static void firstStep(Peer peer) {
        Answer info = peer.succeeds(Commands.regionInfo(mappableRegion(peer), FIXED));
        info.checkLength(FIXED);
        checkIncomplete(info);
    }

    private static void almostEnough(Peer peer) {
        int region = mappableRegion(peer);
        long need = peer.succeeds(Commands.regionInfo(region, FIXED)).u32(0);
        Answer info = peer.succeeds(Commands.regionInfo(region, need - 1));
        Difference.check(
                info.payloadLength() >= FIXED && info.payloadLength() < need,
                "32 to " + (need - 1) + " bytes",
                "" + info.payloadLength());
        Difference.check("argsz", need, info.u32(0));
        checkIncomplete(info);
    }

    private static void checkIncomplete(Answer info) {
        Difference.check(info.u32(0) > FIXED, "argsz above 32", "" + info.u32(0));
        Difference.checkHex("CAPS", 0, info.u32(4) & RegionFlags.CAPS);
        Difference.checkHex("MMAP", RegionFlags.MMAP, info.u32(4) & RegionFlags.MMAP);
        Difference.checkHex("cap_offset", 0, info.u32(12));
        Difference.check("descriptors", 0, info.descriptors().count());
    }

    private static void areasInside(Peer peer) {
        Mappable found = mappable(peer, 0);
        long size = found.info.u64(16);
        long end = 0;
        for (Area area : found.areas) {
            boolean inside =
                    area.size > 0
                            && area.offset % PAGE == 0
                            && area.size % PAGE == 0
                            && area.offset >= end
                            && area.offset <= size
                            && area.size <= size - area.offset;
            Difference.check(inside, "pages within 0x%x".formatted(size), area.toString());
            end = area.offset + area.size;
        }
    }

    private static void mapAreas(Peer peer) {
        Mappable found = mappable(peer, 0);
        boolean writes = (found.info.u32(4) & RegionFlags.WRITE) != 0;
        var fd = found.info.descriptors().peek(0);
        long base = found.info.u64(24);
        for (Area area : found.areas) {
            try (Mapping mapping =
                    Mapping.map(
                            fd,
                            base + area.offset,
                            area.size,
                            writes ? Protection.READ_WRITE : Protection.READ)) {
                long fileSize = FileStatus.of(fd).size();
                Difference.check(
                        base + area.offset + mapping.size() <= fileSize,
                        "an area within the file of 0x%x bytes".formatted(fileSize),
                        area.toString());
            } catch (NativeCallException e) {
                throw new Difference("mmap of " + area, String.valueOf(e.getMessage()));
            }
        }
    }

    private static int mappableRegion(Peer peer) {
        var region = peer.target().mappableRegion();
        NotApplicableException.unless(region.isPresent(), "the device has no mappable region");
        return region.getAsInt();
    }

    /// @param surplus bytes of argsz beyond the need
    private static Mappable mappable(Peer peer, int surplus) {
        int region = mappableRegion(peer);
        long need = peer.succeeds(Commands.regionInfo(region, FIXED)).u32(0);
        NotApplicableException.unless(need > FIXED, "the region is mappable without capabilities");
        Answer info = peer.succeeds(Commands.regionInfo(region, need + surplus));
        Difference.check("argsz", need, info.u32(0));
        Difference.checkHex("CAPS", RegionFlags.CAPS, info.u32(4) & RegionFlags.CAPS);
        Difference.checkHex("cap_offset", FIXED, info.u32(12));
        return new Mappable(region, info, areas(info));
    }

    private static List<Area> areas(Answer info) {
        var areas = new ArrayList<Area>();
        long at = info.u32(12);
        while (at != 0) {
            int capability = (int) at;
            if (info.u16(capability) == WireFormat.CAPABILITY_SPARSE_MMAP) {
                long count = info.u32(capability + 8);
                for (int i = 0; i < count; i++) {
                    int area = capability + WireFormat.SPARSE_MMAP_SIZE + 16 * i;
                    areas.add(new Area(info.u64(area), info.u64(area + 8)));
                }
            }
            long next = info.u32(capability + 4);
            Difference.check(
                    next == 0 || next > at, "capabilities in ascending order", "next " + next);
            at = next;
        }
        Difference.check(!areas.isEmpty(), "mappable areas", "none");
        return areas;
    }
}
