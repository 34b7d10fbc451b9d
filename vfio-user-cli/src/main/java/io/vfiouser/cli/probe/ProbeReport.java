package io.vfiouser.cli.probe;

import io.vfiouser.cli.pci.ConfigImage;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.nio.file.Path;
import java.util.List;

/// What a server said.
///
/// @param socket where it listens
/// @param minorVersion of the protocol, as negotiated; the major version is 0
/// @param limits its capabilities, as negotiated
/// @param device flags and counts
/// @param regions one for each region index, unused ones too
/// @param irqs one for each interrupt type, unused ones too
/// @param config the config space, empty if the device has none
public record ProbeReport(
        Path socket,
        int minorVersion,
        Capabilities limits,
        DeviceGetInfo.Reply device,
        List<RegionFacts> regions,
        List<IrqFacts> irqs,
        ConfigImage config) {
    /// Index of the expansion ROM.
    public static final int ROM = 6;

    /// Index of the config space.
    public static final int CONFIG = 7;

    /// Copies the lists.
    public ProbeReport {
        regions = List.copyOf(regions);
        irqs = List.copyOf(irqs);
    }

    /// One region.
    ///
    /// @param index from 0
    /// @param flags what can be done with it
    /// @param size bytes, unsigned; 0 if unused
    /// @param areas parts that a client may map; empty if none or all
    public record RegionFacts(int index, RegionFlags flags, long size, List<SparseMmapArea> areas) {
        /// Copies the list.
        public RegionFacts {
            areas = List.copyOf(areas);
        }
    }

    /// One interrupt type.
    ///
    /// @param index from 0
    /// @param flags what it can do
    /// @param count how many vectors; 0 if unused
    public record IrqFacts(int index, IrqFlags flags, int count) {}
}
