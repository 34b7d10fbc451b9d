package io.vfiouser.server.pci;

import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.util.concurrent.atomic.AtomicLongArray;

/// One bit for each vector; any thread may read and change them.
final class VectorBits {
    private final AtomicLongArray words;
    private final int vectors;

    VectorBits(int vectors) {
        this.words = new AtomicLongArray((vectors + 63) / 64);
        this.vectors = vectors;
    }

    static void checkVector(int vector, int vectors) {
        if (vector < 0 || vector >= vectors) {
            throw new IndexOutOfBoundsException(
                    "vector: " + vector + " (expected: 0 to " + (vectors - 1) + ")");
        }
    }

    boolean get(int vector) {
        checkVector(vector, vectors);
        return (words.getAcquire(vector / 64) & 1L << vector % 64) != 0;
    }

    void set(int vector, boolean on) {
        checkVector(vector, vectors);
        long bit = 1L << vector % 64;
        if (on) {
            words.getAndUpdate(vector / 64, word -> word | bit);
        } else {
            words.getAndUpdate(vector / 64, word -> word & ~bit);
        }
    }

    /// Byte `index` of the bits: vectors `8 * index` and on, lowest bit first; 0 to one less than
    /// eight bytes for each 64 vectors.
    int byteAt(int index) {
        return (int) (words.getAcquire(index / 8) >>> (8 * (index % 8))) & 0xff;
    }

    void save(ImageWriter out) {
        for (int i = 0; i < words.length(); i++) {
            out.number(words.getAcquire(i));
        }
    }

    void restore(ImageReader in) {
        for (int i = 0; i < words.length(); i++) {
            words.setRelease(i, in.longNumber());
        }
    }

    void clear() {
        for (int i = 0; i < words.length(); i++) {
            words.setRelease(i, 0);
        }
    }
}
