package io.vfiouser.testkit;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.pci.PlacedCapability;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The ids of a device and else plain memory, with bus mastering on: what a device sees of a client
/// that has set it up. Capabilities have their places, but no registers: those are the server's.
final class TesterConfigSpace implements ConfigSpace {
    private static final int COMMAND = 0x04;
    private static final int MEMORY_IO_AND_BUS_MASTER = 0x7;
    private static final int BUS_MASTER = 0x4;

    private final MemorySegment bytes;
    private final List<PlacedCapability> capabilities;

    TesterConfigSpace(DeviceLayout layout) {
        capabilities = layout.capabilities();
        bytes = MemorySegment.ofArray(new byte[layout.type().configSpaceSize()]);
        write(0x00, 2, layout.id().vendor());
        write(0x02, 2, layout.id().device());
        write(COMMAND, 2, MEMORY_IO_AND_BUS_MASTER);
        write(0x08, 1, layout.revision());
        write(0x09, 1, layout.pciClass().programmingInterface());
        write(0x0a, 1, layout.pciClass().sub());
        write(0x0b, 1, layout.pciClass().base());
        write(0x2c, 2, layout.id().subsystemVendor());
        write(0x2e, 2, layout.id().subsystem());
    }

    @Override
    public int size() {
        return (int) bytes.byteSize();
    }

    @Override
    public int read(int offset, int width) {
        return (int) LittleEndian.get(bytes, offset, width);
    }

    @Override
    public void write(int offset, int width, int value) {
        LittleEndian.put(bytes, offset, width, value);
    }

    @Override
    public int findNextCapability(int after, int id) {
        return PlacedCapability.find(capabilities, false, after, id);
    }

    @Override
    public int findNextExtendedCapability(int after, int id) {
        return PlacedCapability.find(capabilities, true, after, id);
    }

    @Override
    public boolean busMaster() {
        return (read(COMMAND, 2) & BUS_MASTER) != 0;
    }

    @Override
    public boolean messageInterruptsEnabled() {
        return false;
    }
}
