package io.vfiouser.examples.console;

/// The last bytes that a guest has sent, for pages that are opened later. Not safe for threads.
final class Scrollback {
    private final byte[] bytes;
    private long total;

    /// @param capacity bytes that are kept
    Scrollback(int capacity) {
        this.bytes = new byte[capacity];
    }

    void add(byte[] more) {
        for (byte each : more) {
            bytes[(int) (total++ % bytes.length)] = each;
        }
    }

    /// What there is, oldest first.
    byte[] contents() {
        int size = (int) Math.min(total, bytes.length);
        byte[] contents = new byte[size];
        for (int i = 0; i < size; i++) {
            contents[i] = bytes[(int) ((total - size + i) % bytes.length)];
        }
        return contents;
    }
}
