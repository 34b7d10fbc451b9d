package io.vfiouser.server.migration;

import java.lang.foreign.MemorySegment;

/// Segments for tests.
final class Bytes {
    private Bytes() {}

    static MemorySegment room(int size) {
        return MemorySegment.ofArray(new byte[size]);
    }

    static MemorySegment of(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(bytes);
    }
}
