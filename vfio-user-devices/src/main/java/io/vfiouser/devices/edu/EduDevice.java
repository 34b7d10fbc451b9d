package io.vfiouser.devices.edu;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegisterBlock;
import java.util.Optional;

/// QEMU's educational device (its `docs/specs/edu`): a simple device to write a first driver for,
/// with factorials, interrupts and DMA.
///
/// BAR0 is 1 MiB of memory with these registers; the rest reads as all ones:
///
/// | offset | bytes | name         | access | meaning                                            |
/// |--------|-------|--------------|--------|----------------------------------------------------|
/// | 0x00   | 4     | `ID`         | read   | 0x010000ed: version 1.0, edu                       |
/// | 0x04   | 4     | `LIVENESS`   | both   | reads as the inverse of what was written           |
/// | 0x08   | 4     | `FACTORIAL`  | both   | takes a number, gives its factorial: [EduFactorial] |
/// | 0x20   | 4     | `STATUS`     | both   | 0x01 computing (read only), 0x80 interrupt 0x01 when done |
/// | 0x24   | 4     | `IRQ_STATUS` | read   | bits that were raised: [EduInterrupts]             |
/// | 0x60   | 4     | `IRQ_RAISE`  | write  | raises bits                                        |
/// | 0x64   | 4     | `IRQ_ACK`    | write  | clears bits                                        |
/// | 0x80   | 8     | `DMA_SRC`    | both   | where to copy from: [EduDma]                       |
/// | 0x88   | 8     | `DMA_DST`    | both   | where to copy to                                   |
/// | 0x90   | 8     | `DMA_COUNT`  | both   | bytes                                              |
/// | 0x98   | 8     | `DMA_CMD`    | both   | 0x1 run, 0x2 from the buffer to memory, 0x4 interrupt 0x100 when done |
public final class EduDevice implements Device {
    private static final int BAR_SIZE = 1 << 20;
    private static final int ID = 0x0100_00ed;
    private static final int COMPUTING = 0x01;
    private static final int INTERRUPT_WHEN_COMPUTED = 0x80;
    private static final int FACTORIAL_BIT = 0x001;
    private static final int DMA_BIT = 0x100;

    private final EduInterrupts interrupts = new EduInterrupts();
    private final EduFactorial factorial = new EduFactorial(this::computed);
    private final EduDma dma;
    private int liveness;
    private boolean interruptWhenComputed;

    /// A device as after power-on.
    public EduDevice(EduSettings settings) {
        dma = new EduDma(settings, () -> interrupts.raise(DMA_BIT));
    }

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .constant(0x00, 4, "ID", ID)
                        .readWrite(0x04, 4, "LIVENESS", this::liveness, this::invert)
                        .readWrite(
                                0x08,
                                4,
                                "FACTORIAL",
                                factorial::value,
                                number -> factorial.compute((int) number))
                        .readWrite(0x20, 4, "STATUS", this::status, this::status)
                        .readOnly(0x24, 4, "IRQ_STATUS", interrupts::status)
                        .writeOnly(0x60, 4, "IRQ_RAISE", bits -> interrupts.raise((int) bits))
                        .writeOnly(0x64, 4, "IRQ_ACK", bits -> interrupts.acknowledge((int) bits))
                        .readWrite(0x80, 8, "DMA_SRC", () -> dma.registers().source(), dma::source)
                        .readWrite(
                                0x88,
                                8,
                                "DMA_DST",
                                () -> dma.registers().destination(),
                                dma::destination)
                        .readWrite(0x90, 8, "DMA_COUNT", () -> dma.registers().count(), dma::count)
                        .readWrite(
                                0x98, 8, "DMA_CMD", () -> dma.registers().command(), dma::command)
                        .mergePartialWrites() // the DMA registers may be written in halves
                        .fill(0xff)
                        .build();
        return DeviceLayout.pci(0x1234, 0x11e8)
                .subsystem(0x1af4, 0x1100)
                .pciClass(0x00, 0xff, 0x00)
                .revision(0x10)
                .bar(0, Bar.memory(BAR_SIZE, registers))
                .capability(new PciCapability.Msi(1, true, false))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(new EduState(this, factorial, interrupts, dma));
    }

    @Override
    public void attach(DeviceContext context) {
        interrupts.attach(context);
        factorial.attach(context);
        dma.attach(context);
    }

    @Override
    public void detach() {
        attach(DeviceContext.UNATTACHED);
    }

    @Override
    public Completion reset(ResetReason reason) {
        liveness = 0;
        interruptWhenComputed = false;
        factorial.reset();
        interrupts.acknowledge(-1);
        dma.reset();
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        factorial.quiesce();
        return dma.quiesce();
    }

    @Override
    public void resume() {
        factorial.resume();
        dma.resume();
    }

    int liveness() {
        return liveness;
    }

    int status() {
        return (factorial.isComputing() ? COMPUTING : 0)
                | (interruptWhenComputed ? INTERRUPT_WHEN_COMPUTED : 0);
    }

    /// Takes over the registers of another device.
    void load(int liveness, int factorialValue, int status) {
        this.liveness = liveness;
        status(status);
        factorial.load(factorialValue, (status & COMPUTING) != 0);
    }

    private void invert(long value) {
        liveness = ~(int) value;
    }

    private void status(long value) {
        interruptWhenComputed = (value & INTERRUPT_WHEN_COMPUTED) != 0;
    }

    private void computed() {
        if (interruptWhenComputed) {
            interrupts.raise(FACTORIAL_BIT);
        }
    }
}
