package io.vfiouser.devices.serial;

/// One of the two FIFOs of a UART: bytes in order, each with the line status that came with it.
final class ByteFifo {
    /// Bytes of a FIFO that is enabled.
    static final int CAPACITY = 16;

    private final byte[] bytes = new byte[CAPACITY];
    private final byte[] status = new byte[CAPACITY];
    private int capacity = 1;
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean isFull() {
        return size == capacity;
    }

    /// Drops what is in it.
    ///
    /// @param capacity bytes that it holds from now on, 1 or [#CAPACITY]
    void clear(int capacity) {
        this.capacity = capacity;
        head = 0;
        size = 0;
    }

    void clear() {
        clear(capacity);
    }

    /// Adds a byte behind the others; there must be room.
    void put(int value, int status) {
        int at = (head + size) % CAPACITY;
        bytes[at] = (byte) value;
        this.status[at] = (byte) status;
        size++;
    }

    /// Puts a byte in the place of the last one.
    void replaceLast(int value, int status) {
        size--;
        put(value, status);
    }

    /// Takes the first byte; there must be one.
    int take() {
        int value = Byte.toUnsignedInt(bytes[head]);
        head = (head + 1) % CAPACITY;
        size--;
        return value;
    }

    /// The line status of the first byte, which it gives once; 0 if there is no byte.
    int takeStatus() {
        if (size == 0) {
            return 0;
        }
        int first = status[head];
        status[head] = 0;
        return first;
    }

    /// The line status of all bytes together.
    int allStatus() {
        int all = 0;
        for (int i = 0; i < size; i++) {
            all |= statusAt(i);
        }
        return all;
    }

    int byteAt(int index) {
        return Byte.toUnsignedInt(bytes[(head + index) % CAPACITY]);
    }

    int statusAt(int index) {
        return Byte.toUnsignedInt(status[(head + index) % CAPACITY]);
    }
}
