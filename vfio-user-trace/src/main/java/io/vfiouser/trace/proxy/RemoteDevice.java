package io.vfiouser.trace.proxy;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.trace.RegisterNames;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/// Stands for a device behind a server of which nothing is known but that it has regions and
/// interrupts: what filters are put around.
final class RemoteDevice implements Device {
    static final int ROM = 6;
    static final int CONFIG = 7;
    static final int VGA = 8;
    private static final int BARS = 6;

    /// Larger than any; the server knows the true one.
    private static final long SIZE = 1L << 62;

    private final RegisterNames names;
    private final IntFunction<RegionHandler> handlers;
    private final DeviceLayout layout;
    private DeviceContext context = DeviceContext.UNATTACHED;

    /// @param names of its registers, as far as they are known
    /// @param handlers pass accesses on to the server, by region index
    RemoteDevice(RegisterNames names, IntFunction<RegionHandler> handlers) {
        this.names = names;
        this.handlers = handlers;
        this.layout = makeLayout();
    }

    @Override
    public DeviceLayout layout() {
        return layout;
    }

    private DeviceLayout makeLayout() {
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
                Optional.of(server -> server),
                Map.of(
                        IrqIndex.INTX,
                        1,
                        IrqIndex.MSI,
                        32,
                        IrqIndex.MSIX,
                        2048,
                        IrqIndex.ERR,
                        1,
                        IrqIndex.REQ,
                        1));
    }

    @Override
    public void attach(DeviceContext attached) {
        context = attached;
    }

    /// Fires an interrupt as a device does, with the filters before it.
    void interrupt(IrqIndex index, int vector) {
        context.irq(index, vector).trigger();
    }

    private Region region(int index) {
        boolean named =
                names.regions().stream()
                        .anyMatch(known -> known.index() == index && !known.registers().isEmpty());
        // A block without registers, so that nobody looks for them.
        return Region.of(
                SIZE,
                named
                        ? new Named(index, handlers.apply(index))
                        : RegisterBlock.builder().elsewhere(handlers.apply(index)).build());
    }

    /// A region whose registers have names.
    private final class Named implements RegionHandler {
        private final int index;
        private final RegionHandler next;

        private Named(int index, RegionHandler next) {
            this.index = index;
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            return next.read(offset, into);
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return next.write(offset, from);
        }

        @Override
        public Optional<Register> registerAt(long offset) {
            return names.registerAt(index, offset);
        }
    }
}
