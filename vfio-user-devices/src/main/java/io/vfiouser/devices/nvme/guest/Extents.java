package io.vfiouser.devices.nvme.guest;

import java.util.Arrays;

/// Ranges of guest memory in the order of the data, as a command describes them. Filled again and
/// again; a range that continues the one before becomes a part of it.
public final class Extents {
    private static final int FIRST_CAPACITY = 2;
    private static final int KEPT_CAPACITY = 256;

    private long[] iovas = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private int count;
    private long total;

    /// No ranges.
    public Extents() {}

    /// Forgets all ranges.
    public void clear() {
        count = 0;
        total = 0;
    }

    /// Forgets all ranges, and gives back room that only an unusual command needs.
    public void trim() {
        clear();
        if (iovas.length > KEPT_CAPACITY) {
            iovas = new long[FIRST_CAPACITY];
            lengths = new long[FIRST_CAPACITY];
        }
    }

    /// Adds a range at the end.
    ///
    /// @param length bytes; 0 adds nothing
    public void add(long iova, long length) {
        if (length == 0) {
            return;
        }
        int last = count - 1;
        if (last >= 0 && iovas[last] + lengths[last] == iova) {
            lengths[last] += length;
        } else {
            append(iova, length);
        }
        total += length;
    }

    /// How many ranges there are.
    public int count() {
        return count;
    }

    /// The first address of a range.
    public long iova(int index) {
        return iovas[index];
    }

    /// The bytes of a range, at least 1.
    public long length(int index) {
        return lengths[index];
    }

    /// Bytes of all ranges.
    public long total() {
        return total;
    }

    private void append(long iova, long length) {
        if (count == iovas.length) {
            iovas = Arrays.copyOf(iovas, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        iovas[count] = iova;
        lengths[count] = length;
        count++;
    }
}
