package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What a server says about itself and its device.
///
/// @param server the limits in its reply to VERSION
/// @param canReset whether it offers DEVICE_RESET
/// @param regions by index
/// @param irqs by index
/// @param pciId device and vendor id as config space has them, 0 if it cannot be read
record Target(
        Capabilities server,
        boolean canReset,
        List<RegionFacts> regions,
        List<IrqFacts> irqs,
        long pciId) {
    /// What is known before anything was asked.
    static final Target UNKNOWN = new Target(Capabilities.DEFAULTS, false, List.of(), List.of(), 0);

    private static final long TESTDEV_ID = 0x10f0_1af4L;
    private static final int MAX_INDEXES = 100;

    /// One region.
    ///
    /// @param size bytes, 0 if unused
    record RegionFacts(long size, RegionFlags flags) {
        static final RegionFacts UNUSED = new RegionFacts(0, RegionFlags.NONE);
    }

    /// One interrupt type.
    record IrqFacts(int count, IrqFlags flags) {
        static final IrqFacts UNUSED = new IrqFacts(0, new IrqFlags(0));
    }

    /// Asks; what the server refuses counts as unused.
    static Target examine(Peer peer, Capabilities server) {
        Answer info = peer.call(Commands.getInfo());
        if (info.isError()) {
            return new Target(server, false, List.of(), List.of(), 0);
        }
        var regions = new ArrayList<RegionFacts>();
        for (int i = 0; i < Math.min(info.u32(8), MAX_INDEXES); i++) {
            regions.add(region(peer, i));
        }
        var irqs = new ArrayList<IrqFacts>();
        for (int i = 0; i < Math.min(info.u32(12), MAX_INDEXES); i++) {
            irqs.add(irq(peer, i));
        }
        Answer id = peer.call(Commands.regionRead(Bits.CONFIG, 0, 4));
        return new Target(
                server,
                (info.u32(4) & 1) != 0,
                List.copyOf(regions),
                List.copyOf(irqs),
                id.isError() ? 0 : id.u32(16));
    }

    /// Asks a server of the legacy dialect as much as its checks need.
    static Target examineLegacy(Peer peer, Capabilities server) {
        Answer id = peer.call(LegacyMessages.read(Bits.CONFIG, 0, 4));
        return new Target(server, true, List.of(), List.of(), id.isError() ? 0 : id.u32(16));
    }

    RegionFacts region(int index) {
        return index < regions.size() ? regions.get(index) : RegionFacts.UNUSED;
    }

    IrqFacts irq(int index) {
        return index < irqs.size() ? irqs.get(index) : IrqFacts.UNUSED;
    }

    /// Whether it is the device `testdev` of this project, whose registers do DMA at will.
    boolean isTestdev() {
        return pciId == TESTDEV_ID && region(0).size() == 0x1000 && region(1).size() == 0x10_0000;
    }

    /// The interrupt type with the most vectors, of those with any.
    OptionalInt largestIrq() {
        int largest = 0;
        for (int i = 1; i < irqs.size(); i++) {
            if (irqs.get(i).count() > irqs.get(largest).count()) {
                largest = i;
            }
        }
        return irq(largest).count() > 0 ? OptionalInt.of(largest) : OptionalInt.empty();
    }

    /// A region that the client may map.
    OptionalInt mappableRegion() {
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i).flags().mappable()) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /// A region that the device does not have.
    OptionalInt unusedRegion() {
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i).size() == 0) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /// What the device is, in a line.
    String describe() {
        return "%04x:%04x, %d regions, %d interrupt types, max_msg_fds %d, max_data_xfer_size %d"
                .formatted(
                        pciId & 0xffff,
                        pciId >>> 16,
                        regions.size(),
                        irqs.size(),
                        server.maxMsgFds(),
                        server.maxDataXferSize());
    }

    private static RegionFacts region(Peer peer, int index) {
        Answer info = peer.call(Commands.regionInfo(index, WireFormat.REGION_INFO_SIZE));
        return info.isError()
                ? RegionFacts.UNUSED
                : new RegionFacts(info.u64(16), new RegionFlags((int) info.u32(4)));
    }

    private static IrqFacts irq(Peer peer, int index) {
        Answer info = peer.call(Commands.irqInfo(index));
        return info.isError()
                ? IrqFacts.UNUSED
                : new IrqFacts((int) info.u32(12), new IrqFlags((int) info.u32(4)));
    }
}
