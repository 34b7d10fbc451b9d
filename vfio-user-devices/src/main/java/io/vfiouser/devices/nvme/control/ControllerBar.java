package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.devices.nvme.spec.RegisterOffset;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// BAR0: registers, and from 0x1000 on doorbells, whose writes are the one access that a busy host
/// makes and so take the shortest way.
final class ControllerBar implements RegionHandler {
    private static final int DOORBELL_SIZE = 4;

    private final RegisterBlock registers;
    private final Doorbells doorbells;
    private final Optional<MappedDoorbells> mapped;

    /// @param mapped if clients may map the doorbells
    ControllerBar(RegisterBlock registers, Doorbells doorbells, Optional<MappedDoorbells> mapped) {
        this.registers = registers;
        this.doorbells = doorbells;
        this.mapped = mapped;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        if (offset < RegisterOffset.DOORBELLS) {
            return registers.read(offset, into);
        }
        if (mapped.isPresent()) {
            mapped.get().read(offset, into);
            return Completion.DONE;
        }
        into.fill((byte) 0); // what a doorbell reads as is left open
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        if (offset < RegisterOffset.DOORBELLS) {
            return registers.write(offset, from);
        }
        if (from.byteSize() == DOORBELL_SIZE && (offset & (DOORBELL_SIZE - 1)) == 0) {
            int index = (int) (offset - RegisterOffset.DOORBELLS) / DOORBELL_SIZE;
            int value = from.get(LittleEndian.INT, 0);
            if (mapped.isPresent()) {
                mapped.get().write(offset, value);
            }
            doorbells.ring(index, value & 0xffff_ffffL);
        }
        return Completion.DONE;
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        return offset < RegisterOffset.DOORBELLS ? registers.registerAt(offset) : Optional.empty();
    }
}
