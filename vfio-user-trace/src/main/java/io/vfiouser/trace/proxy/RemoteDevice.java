package io.vfiouser.trace.proxy;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.RegisterBlock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/// Stands for a device behind a server of which nothing is known but that it has regions: what
/// filters are put around.
final class RemoteDevice implements Device {
    static final int ROM = 6;
    static final int CONFIG = 7;
    static final int VGA = 8;
    private static final int BARS = 6;

    /// Larger than any; the server knows the true one.
    private static final long SIZE = 1L << 62;

    private final IntFunction<RegionHandler> handlers;

    /// @param handlers pass accesses on to the server, by region index
    RemoteDevice(IntFunction<RegionHandler> handlers) {
        this.handlers = handlers;
    }

    @Override
    public DeviceLayout layout() {
        Map<Integer, Bar> bars = new HashMap<>();
        for (int bar = 0; bar < BARS; bar++) {
            bars.put(bar, new Bar(Bar.Kind.MEMORY_64, false, region(bar)));
        }
        DeviceLayout unknown = DeviceLayout.pci(0, 0).express().build();
        return new DeviceLayout(
                PciType.EXPRESS,
                unknown.id(),
                unknown.pciClass(),
                0,
                bars,
                Optional.of(region(ROM)),
                Optional.of(region(VGA)),
                Optional.empty(),
                unknown.capabilities(),
                Optional.of(_ -> handlers.apply(CONFIG)),
                Map.of());
    }

    /// A block without registers, so that nobody looks for them.
    private Region region(int index) {
        return Region.of(SIZE, RegisterBlock.builder().elsewhere(handlers.apply(index)).build());
    }
}
