package io.vfiouser.server.legacy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.LegacyFormat;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.region.RegionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// DEVICE_GET_REGION_INFO: a descriptor for each area that can be mapped, copies of one.
///
/// A region of which the client could not take all descriptors, or that does not start where its
/// file does, is not offered for mapping: the dialect cannot say so.
final class LegacyRegionInfo {
    private final RegionTable regions;
    private final int maxDescriptors;

    /// @param maxDescriptors how many the client takes in one message
    LegacyRegionInfo(RegionTable regions, int maxDescriptors) {
        this.regions = regions;
        this.maxDescriptors = maxDescriptors;
    }

    Answer answer(DeviceGetRegionInfo request, ByteBufAllocator allocator) {
        Optional<Region> region = regions.find(request.region());
        Optional<MappableMemory> memory = region.flatMap(Region::mappable).filter(this::fits);
        DeviceGetRegionInfo.Reply info =
                DeviceGetRegionInfo.Reply.to(
                        request,
                        region.map(r -> flags(r, memory.isPresent())).orElse(RegionFlags.NONE),
                        region.map(Region::size).orElse(0L),
                        (long) request.region() << LegacyFormat.REGION_OFFSET_SHIFT,
                        capabilities(request.region(), region, memory));
        FdBundle descriptors =
                memory.isPresent() && info.complete()
                        ? copies(memory.get(), region.map(Region::writable).orElse(false))
                        : FdBundle.empty();
        ByteBuf payload = allocator.buffer((int) request.argsz());
        return new Answer.Now(LegacyEncoder.regionInfo(payload, request, info), descriptors);
    }

    private boolean fits(MappableMemory memory) {
        return memory.fileOffset() == 0 && memory.areas().size() <= maxDescriptors;
    }

    private static List<RegionCapability> capabilities(
            int index, Optional<Region> region, Optional<MappableMemory> memory) {
        var capabilities = new ArrayList<RegionCapability>();
        if (index == RegionTable.LEGACY_MIGRATION && region.isPresent()) {
            capabilities.add(
                    new RegionCapability.Type(
                            LegacyFormat.MIGRATION_TYPE, LegacyFormat.MIGRATION_SUBTYPE));
        }
        memory.ifPresent(mappable ->
                capabilities.add(
                        new RegionCapability.SparseMmap(
                                mappable.areas().stream()
                                        .map(area -> new SparseMmapArea(area.offset(), area.size()))
                                        .toList())));
        return capabilities;
    }

    private static FdBundle copies(MappableMemory memory, boolean writable) {
        var copies = new ArrayList<FileDescriptor>();
        try {
            for (int i = 0; i < memory.areas().size(); i++) {
                copies.add(
                        writable
                                ? memory.memory().duplicate()
                                : memory.memory().duplicateReadOnly());
            }
            return FdBundle.ofOwned(copies);
        } catch (RuntimeException e) {
            FdBundle.ofOwned(copies).close();
            throw e;
        }
    }

    private static RegionFlags flags(Region region, boolean mappable) {
        return RegionFlags.NONE
                .with(region.readable() ? RegionFlags.READ : 0)
                .with(region.writable() ? RegionFlags.WRITE : 0)
                .with(mappable ? RegionFlags.MMAP : 0);
    }
}
