package io.vfiouser.server.dma;

/// Ranges of bits in arrays of words, both ends included.
final class Bits {
    private Bits() {}

    static void set(long[] words, int first, int last) {
        for (int i = first / Long.SIZE; i <= last / Long.SIZE; i++) {
            words[i] |= mask(i, first, last);
        }
    }

    static void clear(long[] words, int first, int last) {
        for (int i = first / Long.SIZE; i <= last / Long.SIZE; i++) {
            words[i] &= ~mask(i, first, last);
        }
    }

    /// The bits of word `index` that are in the range, which touches the word.
    static long mask(long index, long first, long last) {
        long mask = -1L;
        if (first / Long.SIZE == index) {
            mask &= -1L << first;
        }
        if (last / Long.SIZE == index) {
            mask &= -1L >>> (Long.SIZE - 1 - last);
        }
        return mask;
    }
}
