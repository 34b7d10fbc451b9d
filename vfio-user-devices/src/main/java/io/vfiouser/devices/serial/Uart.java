package io.vfiouser.devices.serial;

import io.vfiouser.device.region.RegisterBlock;
import java.nio.ByteBuffer;
import java.time.Duration;

/// A UART of type 16550A, by the data sheet of National Semiconductor's PC16550D: registers, FIFOs,
/// interrupt sources. What it is wired to is its [Wiring]. Belongs to the device's loop.
final class Uart {
    /// What a UART is wired to.
    interface Wiring {
        /// The interrupt pin, after each change.
        void interrupt(boolean high);

        /// The driver has touched a FIFO or the modem control lines: see whether bytes can go on,
        /// in and out.
        void moved();

        /// The line is held low, or no longer.
        void breakChanged(boolean on);

        /// The modem control lines, after each change.
        void modemControl(boolean dataTerminalReady, boolean requestToSend);
    }

    private static final int CLOCK_HERTZ = 1_843_200;
    private static final int CLOCKS_PER_BIT = 16;
    private static final int DIVISOR_9600 = 12;

    private final Wiring wiring;
    private final UartReceiver receiver = new UartReceiver();
    private final UartTransmitter transmitter = new UartTransmitter();
    private final UartModem modem = new UartModem();
    private int divisorLow = DIVISOR_9600;
    private int divisorHigh;
    private int interruptEnable;
    private int lineControl;
    private int scratch;
    private boolean interrupting;
    private boolean breaking;
    private boolean dataTerminalReady;
    private boolean requestToSend;

    Uart(Wiring wiring) {
        this.wiring = wiring;
    }

    /// The eight registers.
    RegisterBlock registers() {
        return RegisterBlock.builder()
                .readWrite(0, 1, "RBR_THR", this::readData, value -> writeData((int) value))
                .readWrite(
                        1, 1, "IER", this::readEnable, value -> writeInterruptEnable((int) value))
                .readWrite(
                        2,
                        1,
                        "IIR_FCR",
                        this::readIdentification,
                        value -> fifoControl((int) value))
                .readWrite(3, 1, "LCR", () -> lineControl, value -> lineControl((int) value))
                .readWrite(4, 1, "MCR", modem::control, value -> modemControl((int) value))
                .readOnly(5, 1, "LSR", this::readLineStatus)
                .readOnly(6, 1, "MSR", this::readModemStatus)
                .readWrite(7, 1, "SCR", () -> scratch, value -> scratch = (int) value)
                .build();
    }

    /// Back to what it is after power-on, with 9600 baud.
    void reset() {
        divisorLow = DIVISOR_9600;
        divisorHigh = 0;
        interruptEnable = 0;
        lineControl = 0;
        scratch = 0;
        receiver.reset();
        transmitter.reset();
        modem.reset();
        settle();
    }

    boolean isInterrupting() {
        return interrupting;
    }

    /// Whether the guest has RTS up.
    boolean requestsToSend() {
        return modem.requestToSend();
    }

    /// Whether a byte from the line has a place.
    boolean hasRoom() {
        return !modem.isLoopback() && receiver.hasRoom();
    }

    /// A byte from the line.
    void receive(int value) {
        receiver.put(value & wordMask(), 0);
        settle();
    }

    /// A break from the line.
    void receiveBreak() {
        receiver.put(0, UartBits.LSR_BREAK);
        settle();
    }

    /// The other end is there, or not.
    void carrier(boolean present) {
        modem.carrier(present);
        settle();
    }

    /// Whether there are bytes for the line.
    boolean hasOutput() {
        return !transmitter.isEmpty();
    }

    /// Moves them there.
    ///
    /// @param line has room for 16
    void takeOutput(ByteBuffer line) {
        transmitter.shift(line);
        settle();
    }

    /// The line has taken them.
    void outputTaken() {
        transmitter.shifted();
    }

    /// Whether received bytes wait for the character time-out.
    boolean awaitsTimeout() {
        return receiver.awaitsTimeout();
    }

    /// Begins to wait for it.
    ///
    /// @return four character times
    Duration startTimeout() {
        receiver.startTimeout();
        return characterTime().multipliedBy(4);
    }

    /// That time has passed.
    ///
    /// @return whether to wait as long once more
    boolean charactersPassed() {
        boolean again = receiver.charactersPassed();
        settle();
        return again;
    }

    /// The time of one character at the speed and format that are set; as for divisor 1 if it is 0.
    private Duration characterTime() {
        int divisor = Math.max(1, divisorHigh << 8 | divisorLow);
        int bits =
                1
                        + wordLength()
                        + ((lineControl & UartBits.LCR_PARITY) != 0 ? 1 : 0)
                        + ((lineControl & UartBits.LCR_TWO_STOP_BITS) != 0 ? 2 : 1);
        long clocks = (long) bits * CLOCKS_PER_BIT * divisor;
        return Duration.ofNanos(clocks * 1_000_000_000L / CLOCK_HERTZ);
    }

    void save(UartSnapshot into) {
        into.latches(divisorLow, divisorHigh, interruptEnable, lineControl, scratch);
        receiver.save(into);
        modem.save(into);
        transmitter.save(into);
    }

    /// @param from checked
    void load(UartSnapshot from) {
        divisorLow = from.divisorLow();
        divisorHigh = from.divisorHigh();
        interruptEnable = from.interruptEnable();
        lineControl = from.lineControl();
        scratch = from.scratch();
        receiver.load(from);
        transmitter.load(from, receiver.fifoEnabled());
        modem.load(from);
        settle();
    }

    private boolean divisorLatched() {
        return (lineControl & UartBits.LCR_DIVISOR_LATCH) != 0;
    }

    private int readData() {
        if (divisorLatched()) {
            return divisorLow;
        }
        int value = receiver.read();
        settle();
        wiring.moved();
        return value;
    }

    private void writeData(int value) {
        if (divisorLatched()) {
            divisorLow = value;
            return;
        }
        transmitter.put(value & wordMask());
        loopBack();
        settle();
        wiring.moved();
    }

    private int readEnable() {
        return divisorLatched() ? divisorHigh : interruptEnable;
    }

    private void writeInterruptEnable(int value) {
        if (divisorLatched()) {
            divisorHigh = value;
            return;
        }
        int enabled = value & ~interruptEnable;
        interruptEnable = value & UartBits.IER_MASK;
        if ((enabled & UartBits.IER_TRANSMITTER_EMPTY) != 0) {
            transmitter.enableInterrupt();
        }
        settle();
    }

    private int readIdentification() {
        int cause = cause();
        if (cause == UartBits.IIR_TRANSMITTER_EMPTY) {
            transmitter.acknowledge();
            settle();
        }
        return cause | (receiver.fifoEnabled() ? UartBits.IIR_FIFOS_ENABLED : 0);
    }

    private void fifoControl(int value) {
        boolean enable = (value & UartBits.FCR_ENABLE) != 0;
        boolean switched = enable != receiver.fifoEnabled();
        receiver.control(enable ? value : 0);
        if (enable && (value & UartBits.FCR_CLEAR_RECEIVER) != 0) {
            receiver.clear();
        }
        if (switched || (enable && (value & UartBits.FCR_CLEAR_TRANSMITTER) != 0)) {
            transmitter.clear(enable);
        }
        settle();
        wiring.moved();
    }

    private void lineControl(int value) {
        boolean begins = (value & ~lineControl & UartBits.LCR_BREAK) != 0;
        lineControl = value;
        if (begins && modem.isLoopback()) {
            receiver.put(0, UartBits.LSR_BREAK);
        }
        settle();
    }

    private void modemControl(int value) {
        modem.control(value);
        loopBack();
        settle();
        wiring.moved();
    }

    private int readLineStatus() {
        int status = receiver.readStatus() | transmitter.status();
        settle();
        return status;
    }

    private int readModemStatus() {
        int status = modem.readStatus();
        settle();
        return status;
    }

    private void loopBack() {
        if (modem.isLoopback()) {
            transmitter.loopBack(receiver);
        }
    }

    /// What IIR names: the cause of the highest priority that is enabled.
    private int cause() {
        if (isEnabled(UartBits.IER_LINE_STATUS) && receiver.hasErrors()) {
            return UartBits.IIR_LINE_STATUS;
        }
        if (isEnabled(UartBits.IER_RECEIVED_DATA) && receiver.reachedTrigger()) {
            return UartBits.IIR_RECEIVED_DATA;
        }
        if (isEnabled(UartBits.IER_RECEIVED_DATA) && receiver.timedOut()) {
            return UartBits.IIR_CHARACTER_TIMEOUT;
        }
        if (isEnabled(UartBits.IER_TRANSMITTER_EMPTY) && transmitter.becameEmpty()) {
            return UartBits.IIR_TRANSMITTER_EMPTY;
        }
        if (isEnabled(UartBits.IER_MODEM_STATUS) && modem.hasChanged()) {
            return UartBits.IIR_MODEM_STATUS;
        }
        return UartBits.IIR_NONE;
    }

    private boolean isEnabled(int interrupt) {
        return (interruptEnable & interrupt) != 0;
    }

    /// Drives the pins that have changed.
    private void settle() {
        boolean cause = cause() != UartBits.IIR_NONE;
        if (cause != interrupting) {
            interrupting = cause;
            wiring.interrupt(cause);
        }
        boolean low = (lineControl & UartBits.LCR_BREAK) != 0 && !modem.isLoopback();
        if (low != breaking) {
            breaking = low;
            wiring.breakChanged(low);
        }
        if (modem.dataTerminalReady() != dataTerminalReady
                || modem.requestToSend() != requestToSend) {
            dataTerminalReady = modem.dataTerminalReady();
            requestToSend = modem.requestToSend();
            wiring.modemControl(dataTerminalReady, requestToSend);
        }
    }

    private int wordLength() {
        return 5 + (lineControl & UartBits.LCR_WORD_LENGTH);
    }

    private int wordMask() {
        return (1 << wordLength()) - 1;
    }
}
