package io.vfiouser.filters;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;

/// Two registers in BAR0, 4096 bytes to map in BAR1, an INTx, and a handler for driving it.
final class SampleDevice implements Device {
    final SharedMemory memory = SharedMemory.create("sample", 4096);
    long value;
    boolean closed;
    DeviceContext context = DeviceContext.UNATTACHED;

    final RegisterBlock registers =
            RegisterBlock.builder()
                    .readWrite(0x0, 4, "VALUE", () -> value, written -> value = written)
                    .readOnly(0x4, 2, "STATUS", () -> 0x5a5a)
                    .build();

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(1, 2)
                .bar(0, Bar.memory(0x100, registers))
                .bar(
                        1,
                        Bar.memory(4096, MemoryRegion.shared(memory))
                                .mappable(MappableMemory.whole(memory)))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public void attach(DeviceContext given) {
        context = given;
    }

    @Override
    public void close() {
        closed = true;
        memory.close();
    }

    IrqLine intx() {
        return context.irq(IrqIndex.INTX, 0);
    }

    GuestMemory clientMemory() {
        return context.memory();
    }

    static RegionHandler bar0(Device device) {
        return device.layout().bar(0).orElseThrow().region().handler();
    }

    static RegionHandler config(Device device, RegionHandler framework) {
        return device.layout().configHandler().orElseThrow().apply(framework);
    }

    static long read(RegionHandler handler, long offset, int width) {
        MemorySegment into = MemorySegment.ofArray(new byte[width]);
        if (handler.read(offset, into) instanceof Completion.Pending) {
            throw new AssertionError("read: pending (expected: done)");
        }
        return LittleEndian.get(into, 0, width);
    }

    static void write(RegionHandler handler, long offset, int width, long value) {
        MemorySegment from = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(from, 0, width, value);
        if (handler.write(offset, from) instanceof Completion.Pending) {
            throw new AssertionError("write: pending (expected: done)");
        }
    }
}
