package io.vfiouser.device.migration;

import java.lang.foreign.MemorySegment;

/// Segments as a stream.
final class SegmentSource implements StateSource {
    private final MemorySegment[] parts;
    private int part;
    private long offset;

    SegmentSource(MemorySegment[] parts) {
        this.parts = parts;
    }

    @Override
    public int read(MemorySegment into) {
        long done = 0;
        long room = Math.min(into.byteSize(), Integer.MAX_VALUE);
        while (done < room && part < parts.length) {
            MemorySegment from = parts[part];
            long count = Math.min(room - done, from.byteSize() - offset);
            MemorySegment.copy(from, offset, into, done, count);
            done += count;
            offset += count;
            if (offset == from.byteSize()) {
                part++;
                offset = 0;
            }
        }
        return (int) done;
    }

    @Override
    public long remaining() {
        long left = -offset;
        for (int i = part; i < parts.length; i++) {
            left += parts[i].byteSize();
        }
        return left;
    }

    @Override
    public void close() {
        part = parts.length;
        offset = 0;
    }
}
