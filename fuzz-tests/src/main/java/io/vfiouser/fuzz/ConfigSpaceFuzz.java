package io.vfiouser.fuzz;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.server.pci.ConfigSpaceEngine;
import io.vfiouser.server.pci.ConfigSpaceListener;
import io.vfiouser.server.pci.PowerState;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;

/// Writes of any size at any place: none is refused, what is read-only stays, the lists of
/// capabilities stay whole, and a reset leads back to the beginning.
///
/// Input: accesses of `u16` offset, a byte of size, and for writes that many bytes.
public final class ConfigSpaceFuzz {
    private static final DeviceLayout LAYOUT =
            DeviceLayout.pci(0x1af4, 0x10f0)
                    .subsystem(0x1af4, 0x10f0)
                    .express()
                    .bar(0, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)))
                    .bar(2, Bar.memory64(0x4000, MemoryRegion.scratch(0x4000)))
                    .bar(4, Bar.io(0x100, MemoryRegion.scratch(0x100)))
                    .capability(PciCapability.powerManagement())
                    .capability(PciCapability.msi(32))
                    .capability(PciCapability.express())
                    .capability(PciCapability.msix(64, 2, 0, 0x2000))
                    .capability(PciCapability.serialNumber(0x1122_3344_5566_7788L))
                    .capability(PciCapability.advancedErrorReporting())
                    .irq(IrqIndex.INTX, 1)
                    .build();
    private static final int SIZE = 4096;
    private static final int RESET = 0xf000;

    private ConfigSpaceFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        var input = new Input(bytes);
        var resets = new Resets();
        var engine = new ConfigSpaceEngine(LAYOUT, resets);
        resets.engine = engine;
        byte[] fresh = all(engine);
        while (input.hasMore()) {
            int offset = input.u16();
            int size = input.u8();
            if (offset >= RESET) {
                engine.resetFunction();
            } else if (size >= 128) {
                readInParts(engine, offset % SIZE, size - 128);
            } else {
                int at = offset % SIZE;
                byte[] data = input.bytes(Math.min(size, SIZE - at));
                engine.clientWrite(at, MemorySegment.ofArray(data));
            }
        }
        check(engine, fresh);
        engine.reset();
        if (!Arrays.equals(fresh, all(engine))) {
            throw new AssertionError("config space: another one after a reset");
        }
    }

    private static byte[] all(ConfigSpaceEngine engine) {
        byte[] bytes = new byte[SIZE];
        engine.clientRead(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static void readInParts(ConfigSpaceEngine engine, int at, int size) {
        int count = Math.min(size, SIZE - at);
        byte[] whole = new byte[count];
        engine.clientRead(at, MemorySegment.ofArray(whole));
        byte[] one = new byte[1];
        for (int i = 0; i < count; i++) {
            engine.clientRead(at + i, MemorySegment.ofArray(one));
            if (one[0] != whole[i]) {
                throw new AssertionError("byte 0x%x: read alone another one".formatted(at + i));
            }
        }
    }

    private static void check(ConfigSpaceEngine engine, byte[] fresh) {
        byte[] now = all(engine);
        for (int at : new int[] {0, 1, 2, 3, 8, 9, 10, 11, 14, 0x2c, 0x2d, 0x2e, 0x2f, 0x34}) {
            if (now[at] != fresh[at]) {
                throw new AssertionError("read-only byte 0x%x: changed".formatted(at));
            }
        }
        var seen = new HashSet<Integer>();
        for (int at = now[0x34] & 0xff; at != 0; at = now[at + 1] & 0xff) {
            if (!seen.add(at) || now[at] != fresh[at] || now[at + 1] != fresh[at + 1]) {
                throw new AssertionError("capability at 0x%x: changed".formatted(at));
            }
        }
        for (int at = 0x100; at != 0; at = (now[at + 2] & 0xf0) >> 4 | (now[at + 3] & 0xff) << 4) {
            if (!seen.add(at) || now[at] != fresh[at] || now[at + 3] != fresh[at + 3]) {
                throw new AssertionError("extended capability at 0x%x: changed".formatted(at));
            }
        }
    }

    /// Does what a device's host does.
    private static final class Resets implements ConfigSpaceListener {
        private @Nullable ConfigSpaceEngine engine;

        @Override
        public void commandChanged(int old, int now) {}

        @Override
        public void messageInterruptsChanged() {}

        @Override
        public void msiMasksChanged() {}

        @Override
        public void msixFunctionMaskChanged() {}

        @Override
        public void powerStateChanged(PowerState from, PowerState to) {}

        @Override
        public void softReset() {
            resetFunction();
        }

        @Override
        public void functionLevelReset() {
            resetFunction();
        }

        private void resetFunction() {
            if (engine != null) {
                engine.resetFunction();
            }
        }
    }
}
