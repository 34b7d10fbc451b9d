package io.vfiouser.client;

/// Register values as little-endian bytes.
final class Values {
    private Values() {}

    /// The number in `bytes`, zero-extended.
    static long fromBytes(byte[] bytes) {
        long value = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            value = value << Byte.SIZE | (bytes[i] & 0xff);
        }
        return value;
    }

    /// The lowest `width` bytes of `value`.
    ///
    /// @throws IllegalArgumentException if the width is not 1, 2, 4 or 8
    static byte[] toBytes(long value, int width) {
        checkWidth(width);
        var bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (value >>> (Byte.SIZE * i));
        }
        return bytes;
    }

    static void checkWidth(int width) {
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            throw new IllegalArgumentException("width: " + width + " (expected: 1, 2, 4 or 8)");
        }
    }
}
