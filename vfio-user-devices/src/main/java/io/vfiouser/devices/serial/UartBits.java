package io.vfiouser.devices.serial;

/// The bits of a 16550A's registers, named as in its data sheet.
final class UartBits {
    static final int IER_RECEIVED_DATA = 0x01;
    static final int IER_TRANSMITTER_EMPTY = 0x02;
    static final int IER_LINE_STATUS = 0x04;
    static final int IER_MODEM_STATUS = 0x08;
    static final int IER_MASK = 0x0f;

    static final int IIR_MODEM_STATUS = 0x00;
    static final int IIR_NONE = 0x01;
    static final int IIR_TRANSMITTER_EMPTY = 0x02;
    static final int IIR_RECEIVED_DATA = 0x04;
    static final int IIR_LINE_STATUS = 0x06;
    static final int IIR_CHARACTER_TIMEOUT = 0x0c;
    static final int IIR_FIFOS_ENABLED = 0xc0;

    static final int FCR_ENABLE = 0x01;
    static final int FCR_CLEAR_RECEIVER = 0x02;
    static final int FCR_CLEAR_TRANSMITTER = 0x04;
    static final int FCR_TRIGGER_SHIFT = 6;

    /// What a UART keeps of FCR: the trigger level and whether there are FIFOs.
    static final int FCR_KEPT = 0xc1;

    static final int LCR_WORD_LENGTH = 0x03;
    static final int LCR_TWO_STOP_BITS = 0x04;
    static final int LCR_PARITY = 0x08;
    static final int LCR_BREAK = 0x40;
    static final int LCR_DIVISOR_LATCH = 0x80;

    static final int MCR_DTR = 0x01;
    static final int MCR_RTS = 0x02;
    static final int MCR_OUT1 = 0x04;
    static final int MCR_OUT2 = 0x08;
    static final int MCR_LOOPBACK = 0x10;
    static final int MCR_MASK = 0x1f;

    static final int LSR_DATA_READY = 0x01;
    static final int LSR_OVERRUN = 0x02;
    static final int LSR_PARITY_ERROR = 0x04;
    static final int LSR_FRAMING_ERROR = 0x08;
    static final int LSR_BREAK = 0x10;
    static final int LSR_TRANSMITTER_EMPTY = 0x20;
    static final int LSR_IDLE = 0x40;
    static final int LSR_ERROR_IN_FIFO = 0x80;

    /// What one byte can bring.
    static final int LSR_BYTE_STATUS = LSR_PARITY_ERROR | LSR_FRAMING_ERROR | LSR_BREAK;

    static final int MSR_DELTA_CTS = 0x01;
    static final int MSR_DELTA_DSR = 0x02;
    static final int MSR_TRAILING_RI = 0x04;
    static final int MSR_DELTA_DCD = 0x08;
    static final int MSR_DELTAS = 0x0f;
    static final int MSR_CTS = 0x10;
    static final int MSR_DSR = 0x20;
    static final int MSR_RI = 0x40;
    static final int MSR_DCD = 0x80;
    static final int MSR_LINES = 0xf0;

    private UartBits() {}
}
