package io.vfiouser.devices.serial;

/// The receiving half of a [Uart]: FIFO, trigger level, character time-out, line errors.
///
/// An error is shown in the line status when its byte is the first of the FIFO, until the line
/// status has been read.
final class UartReceiver {
    private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

    private final ByteFifo fifo = new ByteFifo();
    private int control;
    private int errors;
    private int lastRead;
    private boolean timedOut;
    private boolean active;

    /// Back to what it is after power-on.
    void reset() {
        control = 0;
        lastRead = 0;
        clear();
    }

    /// Takes the FIFO control register over.
    ///
    /// @param fcr its enable and trigger bits
    void control(int fcr) {
        boolean switched = ((control ^ fcr) & UartBits.FCR_ENABLE) != 0;
        control = fcr & UartBits.FCR_KEPT;
        if (switched) {
            clear();
        }
    }

    int control() {
        return control;
    }

    boolean fifoEnabled() {
        return (control & UartBits.FCR_ENABLE) != 0;
    }

    /// Drops all bytes.
    void clear() {
        fifo.clear(fifoEnabled() ? ByteFifo.CAPACITY : 1);
        errors = 0;
        timedOut = false;
    }

    boolean hasRoom() {
        return !fifo.isFull();
    }

    boolean hasData() {
        return !fifo.isEmpty();
    }

    /// A byte has come in; without room it is lost with a FIFO, and else takes the place of the one
    /// before.
    ///
    /// @param status bits of the line status that came with it
    void put(int value, int status) {
        active = true;
        if (!fifo.isFull()) {
            fifo.put(value, status);
        } else {
            errors |= UartBits.LSR_OVERRUN;
            if (!fifoEnabled()) {
                fifo.replaceLast(value, status);
            }
        }
        showErrors();
    }

    /// RBR: the first byte; the one read last if there is none.
    int read() {
        active = true;
        timedOut = false;
        if (!fifo.isEmpty()) {
            lastRead = fifo.take();
            showErrors();
        }
        return lastRead;
    }

    /// The bits of the line status that are the receiver's; reading it clears the errors.
    int readStatus() {
        int status = status();
        errors = 0;
        return status;
    }

    int status() {
        int status = errors | (fifo.isEmpty() ? 0 : UartBits.LSR_DATA_READY);
        if (fifoEnabled() && ((errors | fifo.allStatus()) & UartBits.LSR_BYTE_STATUS) != 0) {
            status |= UartBits.LSR_ERROR_IN_FIFO;
        }
        return status;
    }

    boolean hasErrors() {
        return errors != 0;
    }

    /// Whether as many bytes are there as the driver wants to be told of.
    boolean reachedTrigger() {
        int level = fifoEnabled() ? TRIGGER_LEVELS[control >> UartBits.FCR_TRIGGER_SHIFT] : 1;
        return fifo.size() >= level;
    }

    /// Whether bytes below the trigger level have waited too long.
    boolean timedOut() {
        return timedOut && hasData();
    }

    /// Whether bytes wait which the driver will hear of by the time-out only.
    boolean awaitsTimeout() {
        return fifoEnabled() && hasData() && !timedOut;
    }

    /// Some character times have passed.
    ///
    /// @return whether to wait once more, as a byte has come or gone meanwhile
    boolean charactersPassed() {
        if (active) {
            active = false;
            return awaitsTimeout();
        }
        timedOut = fifoEnabled() && hasData();
        return false;
    }

    /// Begins to count character times.
    void startTimeout() {
        active = false;
    }

    void save(UartSnapshot into) {
        into.receiver(control, errors, lastRead, timedOut, fifo);
    }

    void load(UartSnapshot from) {
        control = from.control();
        clear();
        from.receivedBytes(fifo);
        errors = from.errors();
        lastRead = from.lastRead();
        timedOut = from.timedOut();
        active = false;
    }

    private void showErrors() {
        errors |= fifo.takeStatus();
    }
}
