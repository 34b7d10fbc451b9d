package io.vfiouser.cli.pci;

import java.util.Arrays;

/// What was read of a function's config space. Bytes that were not read are 0.
public final class ConfigImage {
    /// Bytes of the header that every function has.
    static final int HEADER_SIZE = 0x40;

    /// Where extended capabilities start.
    static final int EXTENDED_START = 0x100;

    private final byte[] bytes;

    /// Copies `bytes`.
    public ConfigImage(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /// How many bytes there are.
    public int size() {
        return bytes.length;
    }

    /// The bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// Whether every byte is ones, as from a function that is not there.
    public boolean isAllOnes() {
        byte[] ones = new byte[bytes.length];
        Arrays.fill(ones, (byte) 0xff);
        return bytes.length > 0 && Arrays.equals(bytes, ones);
    }

    /// One byte, 0 beyond the end.
    public int u8(int offset) {
        return offset >= 0 && offset < bytes.length ? bytes[offset] & 0xff : 0;
    }

    /// Two bytes, little-endian.
    public int u16(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    /// Four bytes, little-endian, unsigned.
    public long u32(int offset) {
        return u16(offset) | (long) u16(offset + 2) << 16;
    }

    /// One bit of a register.
    boolean bit(int offset, int number) {
        return (u8(offset + number / 8) >> (number % 8) & 1) != 0;
    }
}
