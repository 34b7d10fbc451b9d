package io.vfiouser.devices.serial;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The state of a [Uart] as migration data, 64 bytes:
///
/// | field                                                 | offset | bytes |
/// |-------------------------------------------------------|--------|-------|
/// | DLL, DLM, IER, FCR, LCR, MCR, SCR                     | 0      | 7 x 1 |
/// | errors of LSR, MSR, last byte read                    | 7      | 3 x 1 |
/// | flags: 1 time-out, 2 transmitter has become empty     | 10     | 1     |
/// | bytes in the receiver's and the transmitter's FIFO    | 11     | 2 x 1 |
/// | zero                                                  | 13     | 3     |
/// | the receiver's bytes, their line status               | 16     | 2 x 16 |
/// | the transmitter's bytes                               | 48     | 16    |
record UartSnapshot(MemorySegment bytes) {
    static final int SIZE = 64;

    private static final int FLAG_TIMED_OUT = 1;
    private static final int FLAG_BECAME_EMPTY = 2;

    /// An empty one, to be filled.
    static UartSnapshot empty() {
        return new UartSnapshot(MemorySegment.ofArray(new byte[SIZE]));
    }

    /// Refuses what no UART can be in.
    ///
    /// @throws DeviceException `EINVAL`
    UartSnapshot check() {
        int capacity = (control() & UartBits.FCR_ENABLE) != 0 ? ByteFifo.CAPACITY : 1;
        checkCount("receiver", get(11), capacity);
        checkCount("transmitter", get(12), capacity);
        checkBits("IER", get(2), UartBits.IER_MASK);
        checkBits("FCR", get(3), UartBits.FCR_KEPT);
        checkBits("MCR", get(5), UartBits.MCR_MASK);
        checkBits("errors of LSR", get(7), UartBits.LSR_BYTE_STATUS | UartBits.LSR_OVERRUN);
        checkBits("flags", get(10), FLAG_TIMED_OUT | FLAG_BECAME_EMPTY);
        checkBits("offset 13", get(13) | get(14) | get(15), 0);
        for (int i = 0; i < ByteFifo.CAPACITY; i++) {
            checkBits("line status of byte " + i, get(32 + i), UartBits.LSR_BYTE_STATUS);
        }
        return this;
    }

    void latches(int low, int high, int interruptEnable, int lineControl, int scratch) {
        put(0, low);
        put(1, high);
        put(2, interruptEnable);
        put(4, lineControl);
        put(6, scratch);
    }

    int divisorLow() {
        return get(0);
    }

    int divisorHigh() {
        return get(1);
    }

    int interruptEnable() {
        return get(2);
    }

    int lineControl() {
        return get(4);
    }

    int scratch() {
        return get(6);
    }

    void receiver(int control, int errors, int lastRead, boolean timedOut, ByteFifo fifo) {
        put(3, control);
        put(7, errors);
        put(9, lastRead);
        put(10, get(10) | (timedOut ? FLAG_TIMED_OUT : 0));
        put(11, fifo.size());
        for (int i = 0; i < fifo.size(); i++) {
            put(16 + i, fifo.byteAt(i));
            put(32 + i, fifo.statusAt(i));
        }
    }

    int control() {
        return get(3);
    }

    int errors() {
        return get(7);
    }

    int lastRead() {
        return get(9);
    }

    boolean timedOut() {
        return (get(10) & FLAG_TIMED_OUT) != 0;
    }

    void receivedBytes(ByteFifo into) {
        for (int i = 0; i < get(11); i++) {
            into.put(get(16 + i), get(32 + i));
        }
    }

    void modem(int control, int status) {
        put(5, control);
        put(8, status);
    }

    int modemControl() {
        return get(5);
    }

    int modemStatus() {
        return get(8);
    }

    void transmitter(boolean becameEmpty, ByteFifo fifo) {
        put(10, get(10) | (becameEmpty ? FLAG_BECAME_EMPTY : 0));
        put(12, fifo.size());
        for (int i = 0; i < fifo.size(); i++) {
            put(48 + i, fifo.byteAt(i));
        }
    }

    boolean becameEmpty() {
        return (get(10) & FLAG_BECAME_EMPTY) != 0;
    }

    void bytesToSend(ByteFifo into) {
        for (int i = 0; i < get(12); i++) {
            into.put(get(48 + i), 0);
        }
    }

    private int get(int offset) {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, offset));
    }

    private void put(int offset, int value) {
        bytes.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    private static void checkCount(String fifo, int count, int capacity) {
        if (count > capacity) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "%s: %d bytes (expected: at most %d)".formatted(fifo, count, capacity));
        }
    }

    private static void checkBits(String field, int value, int mask) {
        if ((value & ~mask) != 0) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "%s: 0x%02x (expected: bits of 0x%02x)".formatted(field, value, mask));
        }
    }
}
