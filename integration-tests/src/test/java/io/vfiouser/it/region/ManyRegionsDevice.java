package io.vfiouser.it.region;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// A device with a region of each kind.
///
/// | region | kind                                                             |
/// |--------|------------------------------------------------------------------|
/// | BAR0   | 8 GiB, 64-bit, prefetchable; a read of 8 bytes gives its offset  |
/// | BAR2   | 32 I/O ports                                                     |
/// | BAR3   | memory that clients may only read, also where they map it        |
/// | BAR4   | memory that clients may only write                               |
/// | BAR5   | 16 KiB, two areas of it mappable, from 0x2000 of their file on   |
/// | ROM    | 2 KiB                                                            |
/// | VGA    | the legacy window                                                |
final class ManyRegionsDevice implements Device {
    static final long HUGE = 8L << 30;
    static final List<MappableArea> AREAS =
            List.of(new MappableArea(0, 0x1000), new MappableArea(0x2000, 0x1000));

    final SharedMemory constant = SharedMemory.create("many-constant", 0x1000);
    final SharedMemory sparse = SharedMemory.create("many-sparse", 0x6000);
    final MemoryRegion secret = MemoryRegion.scratch(0x1000);

    @Override
    public DeviceLayout layout() {
        var readOnly =
                Region.of(0x1000, MemoryRegion.shared(constant))
                        .mappable(MappableMemory.whole(constant))
                        .readOnly();
        var writeOnly = new Region(0x1000, secret, false, true, Optional.empty());
        var rom = MemoryRegion.scratch(0x800);
        LittleEndian.put(rom.segment(), 0, 2, 0xaa55);
        return DeviceLayout.pci(0x1af4, 0x10fb)
                .bar(0, Bar.memory64(HUGE, new OffsetHandler()).asPrefetchable())
                .bar(2, Bar.io(0x20, MemoryRegion.scratch(0x20)))
                .bar(3, new Bar(Bar.Kind.MEMORY_32, false, readOnly))
                .bar(4, new Bar(Bar.Kind.MEMORY_32, false, writeOnly))
                .bar(
                        5,
                        Bar.memory(0x4000, new SparseHandler())
                                .mappable(new MappableMemory(sparse, 0x2000, AREAS)))
                .rom(Region.of(0x800, rom))
                .vga(Region.of(0xc0000, MemoryRegion.scratch(0xc0000)))
                .build();
    }

    @Override
    public void close() {
        constant.close();
        sparse.close();
    }

    /// Shows its own offsets, as memory of that size would not fit.
    private static final class OffsetHandler implements RegionHandler {
        @Override
        public Completion read(long offset, MemorySegment into) {
            LittleEndian.put(into, 0, (int) into.byteSize(), offset);
            return Completion.DONE;
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return Completion.DONE;
        }
    }

    /// The same bytes by message as where they are mapped.
    private final class SparseHandler implements RegionHandler {
        @Override
        public Completion read(long offset, MemorySegment into) {
            MemorySegment.copy(sparse.segment(), 0x2000 + offset, into, 0, into.byteSize());
            return Completion.DONE;
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            MemorySegment.copy(from, 0, sparse.segment(), 0x2000 + offset, from.byteSize());
            return Completion.DONE;
        }
    }
}
