package io.vfiouser.devices.serial;

import java.nio.ByteBuffer;

/// The sending half of a [Uart]: FIFO, and the shift register behind it, which takes all that the
/// FIFO has at once.
final class UartTransmitter {
    private final ByteFifo fifo = new ByteFifo();
    private boolean shifting;
    private boolean becameEmpty;

    /// Drops what waits; what is on the line already goes its way.
    ///
    /// @param fifoEnabled whether there is a FIFO from now on
    void clear(boolean fifoEnabled) {
        becameEmpty |= !fifo.isEmpty();
        fifo.clear(fifoEnabled ? ByteFifo.CAPACITY : 1);
    }

    /// Back to what it is after power-on.
    void reset() {
        clear(false);
        becameEmpty = false;
    }

    /// THR; without room the byte is lost.
    void put(int value) {
        becameEmpty = false;
        if (!fifo.isFull()) {
            fifo.put(value, 0);
        }
    }

    boolean isEmpty() {
        return fifo.isEmpty();
    }

    /// The bits of the line status that are the transmitter's.
    int status() {
        if (!fifo.isEmpty()) {
            return 0;
        }
        return UartBits.LSR_TRANSMITTER_EMPTY | (shifting ? 0 : UartBits.LSR_IDLE);
    }

    /// Whether the driver is to be told that there is room.
    boolean becameEmpty() {
        return becameEmpty;
    }

    /// The driver has seen that there is room.
    void acknowledge() {
        becameEmpty = false;
    }

    /// The driver wants to be told from now on: at once, if there is room.
    void enableInterrupt() {
        becameEmpty = fifo.isEmpty();
    }

    /// Moves all bytes to the line.
    void shift(ByteBuffer line) {
        while (!fifo.isEmpty()) {
            line.put((byte) fifo.take());
        }
        shifting = true;
        becameEmpty = true;
    }

    /// The line has taken them.
    void shifted() {
        shifting = false;
    }

    /// Moves all bytes to the receiver of the same UART.
    void loopBack(UartReceiver receiver) {
        if (fifo.isEmpty()) {
            return;
        }
        while (!fifo.isEmpty()) {
            receiver.put(fifo.take(), 0);
        }
        becameEmpty = true;
    }

    void save(UartSnapshot into) {
        into.transmitter(becameEmpty, fifo);
    }

    void load(UartSnapshot from, boolean fifoEnabled) {
        fifo.clear(fifoEnabled ? ByteFifo.CAPACITY : 1);
        from.bytesToSend(fifo);
        becameEmpty = from.becameEmpty();
    }
}
