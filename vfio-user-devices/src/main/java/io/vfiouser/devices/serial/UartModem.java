package io.vfiouser.devices.serial;

/// The modem lines of a [Uart]: what it drives (MCR), what it sees (MSR), and what has changed
/// since MSR was read.
final class UartModem {
    private int control;
    private int outside;
    private int lines;
    private int deltas;

    /// Back to what it is after power-on; the other end's lines stay.
    void reset() {
        control = 0;
        lines = outside;
        deltas = 0;
    }

    /// MCR.
    int control() {
        return control;
    }

    void control(int mcr) {
        control = mcr & UartBits.MCR_MASK;
        update();
    }

    boolean isLoopback() {
        return (control & UartBits.MCR_LOOPBACK) != 0;
    }

    /// DTR as the cable has it, which is inactive in loopback mode.
    boolean dataTerminalReady() {
        return !isLoopback() && (control & UartBits.MCR_DTR) != 0;
    }

    /// RTS as the cable has it, which is inactive in loopback mode.
    boolean requestToSend() {
        return !isLoopback() && (control & UartBits.MCR_RTS) != 0;
    }

    /// The other end is there, or not.
    void carrier(boolean present) {
        outside = present ? UartBits.MSR_CTS | UartBits.MSR_DSR | UartBits.MSR_DCD : 0;
        update();
    }

    /// MSR; reading it clears the deltas.
    int readStatus() {
        int status = lines | deltas;
        deltas = 0;
        return status;
    }

    boolean hasChanged() {
        return deltas != 0;
    }

    void save(UartSnapshot into) {
        into.modem(control, lines | deltas);
    }

    /// Goes on where another one was; what is different on this end is a change.
    void load(UartSnapshot from) {
        control = from.modemControl();
        lines = from.modemStatus() & UartBits.MSR_LINES;
        deltas = from.modemStatus() & UartBits.MSR_DELTAS;
        update();
    }

    private void update() {
        int now = isLoopback() ? loopedBack() : outside;
        int changed = now ^ lines;
        deltas |= bit(changed, UartBits.MSR_CTS, UartBits.MSR_DELTA_CTS);
        deltas |= bit(changed, UartBits.MSR_DSR, UartBits.MSR_DELTA_DSR);
        deltas |= bit(changed & lines, UartBits.MSR_RI, UartBits.MSR_TRAILING_RI);
        deltas |= bit(changed, UartBits.MSR_DCD, UartBits.MSR_DELTA_DCD);
        lines = now;
    }

    private int loopedBack() {
        return bit(control, UartBits.MCR_RTS, UartBits.MSR_CTS)
                | bit(control, UartBits.MCR_DTR, UartBits.MSR_DSR)
                | bit(control, UartBits.MCR_OUT1, UartBits.MSR_RI)
                | bit(control, UartBits.MCR_OUT2, UartBits.MSR_DCD);
    }

    private static int bit(int value, int from, int to) {
        return (value & from) != 0 ? to : 0;
    }
}
