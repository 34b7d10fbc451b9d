package io.vfiouser.protocol;

import java.util.List;
import java.util.Objects;

/// What a client of the legacy dialect asks: mostly what clients of today ask as well.
public sealed interface LegacyRequest {
    /// A command that means what it means today.
    ///
    /// @param request the command as one of today; an [UnknownRequest] for what the dialect has not
    record Same(ClientRequest request) implements LegacyRequest {
        /// Checks that there is a request.
        public Same {
            Objects.requireNonNull(request, "request");
        }
    }

    /// Makes several regions known, in order, until one is refused (spec of 2021:
    /// "VFIO_USER_DMA_MAP"). One descriptor comes for each region that is mappable.
    ///
    /// @param regions may be empty
    record MapRegions(List<MapRegion> regions) implements LegacyRequest {
        /// Keeps a copy.
        public MapRegions {
            regions = List.copyOf(regions);
        }
    }

    /// One region of [MapRegions].
    ///
    /// @param map what and where, with [DmaFlags#READ] and [DmaFlags#WRITE] only
    /// @param mappable whether a descriptor comes for it
    record MapRegion(DmaMap map, boolean mappable) {
        /// Checks that there is a region.
        public MapRegion {
            Objects.requireNonNull(map, "map");
        }
    }

    /// Withdraws several regions, in order, until one is refused (spec of 2021:
    /// "VFIO_USER_DMA_UNMAP").
    ///
    /// @param regions may be empty; without flags
    record UnmapRegions(List<DmaUnmap> regions) implements LegacyRequest {
        /// Keeps a copy.
        public UnmapRegions {
            regions = List.copyOf(regions);
        }
    }

    /// Starts, stops or reads the log of dirty pages (spec of 2021: "VFIO_USER_DIRTY_PAGES").
    ///
    /// @param action what to do
    /// @param ranges what to read, at least one with [DirtyAction#GET_BITMAP]; else empty
    record DirtyPages(DirtyAction action, List<DirtyRange> ranges) implements LegacyRequest {
        /// Keeps a copy.
        public DirtyPages {
            Objects.requireNonNull(action, "action");
            ranges = List.copyOf(ranges);
        }
    }

    /// What to do with the log.
    enum DirtyAction {
        /// Log from now on.
        START,
        /// Log no more.
        STOP,
        /// Tell which pages are dirty. The reply is a [PayloadReply], the bitmaps one after
        /// another.
        GET_BITMAP
    }

    /// One range whose dirty pages are asked for.
    ///
    /// @param iova DMA address of the first byte
    /// @param size bytes, unsigned
    /// @param pageSize bytes that one bit stands for, unsigned
    /// @param bitmapSize bytes of the bitmap that the client expects, unsigned
    record DirtyRange(long iova, long size, long pageSize, long bitmapSize) {}
}
