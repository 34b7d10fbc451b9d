package io.vfiouser.devices.nvme.engine;

import io.vfiouser.devices.nvme.spec.Limits;

/// The submission queues that have something to be fetched, taken in turns.
final class RungQueues {
    private final long[] bits = new long[(Limits.QUEUES + Long.SIZE - 1) / Long.SIZE];
    private int last;

    boolean isEmpty() {
        for (long word : bits) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    void add(int id) {
        bits[id / Long.SIZE] |= 1L << id;
    }

    void remove(int id) {
        bits[id / Long.SIZE] &= ~(1L << id);
    }

    void clear() {
        for (int i = 0; i < bits.length; i++) {
            bits[i] = 0;
        }
    }

    /// The queue after the one of the last call; there must be one.
    int next() {
        int id = from(last + 1);
        last = id >= 0 ? id : from(0);
        return last;
    }

    private int from(int start) {
        for (int word = start / Long.SIZE; word < bits.length; word++) {
            int first = Math.max(start, word * Long.SIZE);
            long rest = bits[word] >>> first << first;
            if (rest != 0) {
                return word * Long.SIZE + Long.numberOfTrailingZeros(rest);
            }
        }
        return -1;
    }
}
