package io.vfiouser.device.memory;

/// Arithmetic on addresses as the device sees client memory. They are plain `long`s, unsigned: a
/// type of its own would cost an object for each address on the path of every DMA.
public final class Iova {
    private Iova() {}

    /// Whether `[inner, inner + innerLength)` lies within `[outer, outer + outerLength)`, both
    /// unsigned, without overflow for ranges that end at exactly 2^64.
    public static boolean contains(long outer, long outerLength, long inner, long innerLength) {
        long offset = inner - outer;
        return Long.compareUnsigned(inner, outer) >= 0
                && Long.compareUnsigned(offset, outerLength) <= 0
                && Long.compareUnsigned(innerLength, outerLength - offset) <= 0;
    }

    /// Whether a range of `length` bytes at `address` runs past 2^64.
    public static boolean wraps(long address, long length) {
        return length != 0 && Long.compareUnsigned(address + (length - 1), address) < 0;
    }

    /// An address as text, for example `0x100000`.
    public static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }
}
