package io.vfiouser.devices.serial;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.LoopTask;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;

/// A serial port: one UART of type 16550A behind an I/O BAR of 8 bytes, with INTx. Identity and
/// behaviour are those of QEMU's `pci-serial`, so Linux's `8250_pci` and Windows' serial driver
/// bind it by themselves.
///
/// | offset | read              | write             | with LCR bit 7 (DLAB) |
/// |--------|-------------------|-------------------|-----------------------|
/// | 0      | RBR               | THR               | DLL                   |
/// | 1      | IER               | IER               | DLM                   |
/// | 2      | IIR               | FCR               |                       |
/// | 3      | LCR               | LCR               |                       |
/// | 4      | MCR               | MCR               |                       |
/// | 5      | LSR               |                   |                       |
/// | 6      | MSR               |                   |                       |
/// | 7      | SCR               | SCR               |                       |
///
/// Bytes do not travel at the speed that the divisor says, but as fast as the guest and the
/// [SerialBackend] take them. No byte is lost on either side: the guest's wait in its transmitter,
/// the backend's wait for room ([FlowControl]).
public final class SerialDevice implements Device, Migratable {
    private static final int REGISTERS_SIZE = 8;

    private final SerialBackend backend;
    private final FlowControl flowControl;
    private final Uart uart = new Uart(new Pins());
    private final SerialInput input = new SerialInput(this::wake);
    private final SerialOutput output;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private Logger log = DeviceContext.UNATTACHED.log();
    private IrqLine intx = IrqLine.UNWIRED;
    private boolean quiet;
    private boolean timing;
    private volatile LoopTask work = LoopTask.NONE;

    /// A serial port whose bytes wait for room only.
    ///
    /// @param backend opened now, and closed with the device
    public SerialDevice(SerialBackend backend) {
        this(backend, FlowControl.HOLD);
    }

    /// A serial port.
    ///
    /// @param backend opened now, and closed with the device
    /// @param flowControl when bytes for the guest wait
    public SerialDevice(SerialBackend backend, FlowControl flowControl) {
        this.backend = Objects.requireNonNull(backend, "backend");
        this.flowControl = Objects.requireNonNull(flowControl, "flowControl");
        this.output = new SerialOutput(backend, this::wake, () -> log);
        backend.open(input);
    }

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(0x1b36, 0x0002)
                .subsystem(0x1af4, 0x1100)
                .pciClass(0x07, 0x00, 0x02)
                .revision(0x01)
                .bar(0, Bar.io(REGISTERS_SIZE, uart.registers()))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        log = context.log();
        intx = context.irq(IrqIndex.INTX, 0);
        quiet = false;
        timing = false;
        work = context.loopTask(this::moveBytes);
        work.request();
    }

    @Override
    public void detach() {
        work = LoopTask.NONE;
        context = DeviceContext.UNATTACHED;
        intx = IrqLine.UNWIRED;
    }

    @Override
    public Completion reset(ResetReason reason) {
        uart.reset();
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        quiet = true;
        return Completion.DONE;
    }

    @Override
    public void resume() {
        quiet = false;
        driveInterrupt();
        moveBytes();
    }

    @Override
    public void close() {
        input.close();
        backend.close();
    }

    @Override
    public StateSource save(SavePhase phase) {
        var state = UartSnapshot.empty();
        uart.save(state);
        return StateSource.of(state.bytes());
    }

    @Override
    public StateSink load() {
        var state = UartSnapshot.empty();
        return StateSink.into(() -> uart.load(state.check()), state.bytes());
    }

    private void wake() {
        work.request();
    }

    /// In, out, and the character time-out.
    private void moveBytes() {
        if (quiet) {
            return;
        }
        output.drain(uart);
        input.feed(uart, flowControl);
        if (!timing && uart.awaitsTimeout()) {
            waitForCharacters();
        }
    }

    private void waitForCharacters() {
        timing = true;
        context.schedule(uart.startTimeout(), this::charactersPassed);
    }

    private void charactersPassed() {
        timing = false;
        if (!quiet && uart.charactersPassed()) {
            waitForCharacters();
        }
    }

    private void driveInterrupt() {
        if (quiet) {
            return;
        }
        if (uart.isInterrupting()) {
            intx.raise();
        } else {
            intx.lower();
        }
    }

    /// The pins of the UART.
    private final class Pins implements Uart.Wiring {
        @Override
        public void interrupt(boolean high) {
            driveInterrupt();
        }

        @Override
        public void moved() {
            wake();
        }

        @Override
        public void breakChanged(boolean on) {
            backend.breakChanged(on);
        }

        @Override
        public void modemControl(boolean dataTerminalReady, boolean requestToSend) {
            backend.modemControl(dataTerminalReady, requestToSend);
        }
    }
}
