package io.vfiouser.it.region;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceContext.Installed;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.os.SharedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// A device that installs doorbells as the test says and notes how they are rung. BAR0 is memory,
/// its second page mappable; BAR2 has 16 I/O ports.
final class BellDevice implements Device {
    final BlockingQueue<String> rung = new LinkedBlockingQueue<>();
    final SharedMemory shadow = SharedMemory.create("bell-shadow", 0x1000);
    final List<Installed> installed = new ArrayList<>();
    private final SharedMemory shared = SharedMemory.create("bell-bar0", 0x2000);
    private final Consumer<BellDevice> atAttach;
    private DeviceContext context = DeviceContext.UNATTACHED;

    /// @param atAttach installs doorbells, on the loop
    BellDevice(Consumer<BellDevice> atAttach) {
        this.atAttach = atAttach;
    }

    /// Installs a doorbell, on the loop.
    void install(int region, Doorbell doorbell) {
        String name = region + "+0x" + Long.toHexString(doorbell.offset());
        installed.add(
                context.installDoorbell(
                        region,
                        doorbell,
                        value -> {
                            rung.add(name + ": 0x" + Long.toHexString(value));
                            if (value == 0xdead) {
                                throw new IllegalStateException("a device that cannot take it");
                            }
                        }));
    }

    /// Runs `task` on the loop, for the client that is there.
    void onLoop(Runnable task) {
        context.execute(task);
    }

    @Override
    public DeviceLayout layout() {
        var memory = new MappableMemory(shared, 0, List.of(new MappableArea(0x1000, 0x1000)));
        return DeviceLayout.pci(0x1af4, 0x10fa)
                .bar(0, Bar.memory(0x2000, MemoryRegion.shared(shared)).mappable(memory))
                .bar(2, Bar.io(0x10, MemoryRegion.scratch(0x10)))
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        installed.clear();
        atAttach.accept(this);
    }

    @Override
    public void close() {
        shadow.close();
        shared.close();
    }
}
