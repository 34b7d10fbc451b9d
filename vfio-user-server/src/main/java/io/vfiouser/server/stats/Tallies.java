package io.vfiouser.server.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Numbers that one thread adds to and any thread reads.
///
/// Adding is a load and a store, as with a plain field. Readers see whole numbers and see them
/// grow, but two of them need not be of the same moment.
public final class Tallies {
    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values;

    /// All of them zero.
    public Tallies(int count) {
        values = new long[count];
    }

    /// Adds to one. On the thread that writes.
    public void add(int index, long amount) {
        VALUES.setOpaque(values, index, values[index] + amount);
    }

    /// Sets one that is less to `value`. On the thread that writes.
    void atLeast(int index, long value) {
        if (values[index] < value) {
            VALUES.setOpaque(values, index, value);
        }
    }

    /// What one is at, from any thread.
    public long get(int index) {
        return (long) VALUES.getOpaque(values, index);
    }
}
