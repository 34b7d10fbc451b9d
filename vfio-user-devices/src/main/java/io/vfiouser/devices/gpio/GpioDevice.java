package io.vfiouser.devices.gpio;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Sixteen outputs wired back to sixteen inputs, with an interrupt when an input changes: the ACCES
/// PCI-IDIO-16 as Linux's `gpio-pci-idio-16` drives it.
///
/// BAR2 holds byte registers in I/O space:
///
/// | offset   | read                                                   | write              |
/// |----------|--------------------------------------------------------|--------------------|
/// | 0x0, 0x4 | outputs 0-7, 8-15 as last written                      | drive them         |
/// | 0x1      | inputs 0-7                                             | clear interrupt    |
/// | 0x2      | enable interrupts                                      | disable interrupts |
/// | 0x3      | activate input filters                                 | deactivate them    |
/// | 0x5      | inputs 8-15                                            | ignored            |
/// | 0x6      | bits 0, 1: inputs 0-7, 8-15 changed; bit 2: interrupt  | ignored            |
/// | other    | 0xff                                                   | ignored            |
public final class GpioDevice implements Device {
    private static final int FLOATING_BUS = 0xff;
    private static final int INTERRUPT_PENDING = 1 << 2;
    private static final int STATUS_BITS = 0b111;

    private IrqLine intx = IrqLine.UNWIRED;
    private int pins;
    private int status;
    private boolean interruptsEnabled;
    private boolean filtersActive;

    /// A device with all outputs low, interrupts disabled and filters inactive.
    public GpioDevice() {}

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .readWrite(0x0, 1, "OUT0_7", () -> pins, value -> drive(0, value))
                        .readWrite(0x1, 1, "IN0_7", () -> pins, _ -> clearInterrupt())
                        .readWrite(0x2, 1, "IRQ_CTL", () -> enable(true), _ -> enable(false))
                        .readWrite(0x3, 1, "FILTER_CTL", () -> filter(true), _ -> filter(false))
                        .readWrite(0x4, 1, "OUT8_15", () -> pins >> 8, value -> drive(1, value))
                        .readOnly(0x5, 1, "IN8_15", () -> pins >> 8)
                        .readOnly(0x6, 1, "IRQ_STATUS", () -> status)
                        .fill(FLOATING_BUS)
                        .build();
        return DeviceLayout.pci(0x494f, 0x0dc8)
                .bar(2, Bar.io(0x100, registers))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(new Migration());
    }

    @Override
    public void attach(DeviceContext context) {
        intx = context.irq(IrqIndex.INTX, 0);
    }

    @Override
    public Completion reset(ResetReason reason) {
        pins = 0;
        interruptsEnabled = false;
        filtersActive = false;
        clearInterrupt();
        return Completion.DONE;
    }

    private void drive(int group, long value) {
        int shift = 8 * group;
        int before = pins;
        pins = (before & ~(0xff << shift)) | ((int) value << shift);
        if (interruptsEnabled && pins != before) {
            status |= INTERRUPT_PENDING | (1 << group);
            updateLine();
        }
    }

    private void clearInterrupt() {
        status = 0;
        updateLine();
    }

    private long enable(boolean on) {
        interruptsEnabled = on;
        updateLine();
        return FLOATING_BUS;
    }

    private long filter(boolean on) {
        filtersActive = on;
        return FLOATING_BUS;
    }

    private void updateLine() {
        if (interruptsEnabled && status != 0) {
            intx.raise();
        } else {
            intx.lower();
        }
    }

    /// Five bytes: outputs 0-7, outputs 8-15, interrupt status, interrupts enabled, filters active.
    private final class Migration implements Migratable {
        @Override
        public StateSource save(SavePhase phase) {
            byte[] state = {
                (byte) pins,
                (byte) (pins >> 8),
                (byte) status,
                (byte) (interruptsEnabled ? 1 : 0),
                (byte) (filtersActive ? 1 : 0)
            };
            return StateSource.of(MemorySegment.ofArray(state));
        }

        @Override
        public StateSink load() {
            byte[] state = new byte[5];
            return StateSink.into(() -> apply(state), MemorySegment.ofArray(state));
        }

        @Override
        public Completion start() {
            updateLine();
            return Completion.DONE;
        }

        private void apply(byte[] state) {
            pins = (state[0] & 0xff) | (state[1] & 0xff) << 8;
            status = state[2] & STATUS_BITS;
            interruptsEnabled = state[3] != 0;
            filtersActive = state[4] != 0;
        }
    }
}
