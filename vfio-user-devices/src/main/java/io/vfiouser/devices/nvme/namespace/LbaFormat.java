package io.vfiouser.devices.nvme.namespace;

/// The LBA formats of every namespace, in the order in which Identify lists them (NVMe 1.4: "LBA
/// Format Data Structure"): blocks of 512 and of 4096 bytes, both without metadata.
public final class LbaFormat {
    /// How many there are.
    public static final int COUNT = 2;

    private static final int[] SHIFTS = {9, 12};

    private LbaFormat() {}

    /// log2 of the block size of a format.
    ///
    /// @param index 0 to [#COUNT] - 1
    public static int shift(int index) {
        return SHIFTS[index];
    }

    /// The format with a block size.
    ///
    /// @param shift log2 of the bytes of a block: 9 or 12
    public static int index(int shift) {
        return shift == SHIFTS[0] ? 0 : 1;
    }

    static boolean isFormat(int shift) {
        return shift == SHIFTS[0] || shift == SHIFTS[1];
    }
}
