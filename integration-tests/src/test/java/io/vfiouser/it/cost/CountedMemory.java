package io.vfiouser.it.cost;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Memory of a device that counts the bytes that its code is asked to copy.
final class CountedMemory implements RegionHandler {
    private final MemoryRegion memory;
    private final boolean plain;
    private final AtomicLong copied = new AtomicLong();

    /// @param plain whether the server may get at the memory itself
    CountedMemory(long size, boolean plain) {
        this.memory = MemoryRegion.scratch(size);
        this.plain = plain;
    }

    /// A device that has it as BAR0.
    Device device() {
        long size = memory.segment().byteSize();
        return () -> DeviceLayout.pci(0x1af4, 0x10fa).bar(0, Bar.memory(size, this)).build();
    }

    /// Bytes copied since the last time.
    long takeCopied() {
        return copied.getAndSet(0);
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        copied.addAndGet(into.byteSize());
        return memory.read(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        copied.addAndGet(from.byteSize());
        return memory.write(offset, from);
    }

    @Override
    public Optional<MemorySegment> memory(long offset, long size) {
        return plain ? memory.memory(offset, size) : Optional.empty();
    }
}
