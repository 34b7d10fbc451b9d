package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Segments filled from a stream of exactly their size.
final class SegmentSink implements StateSink {
    private final Runnable loaded;
    private final MemorySegment[] parts;
    private final long size;
    private long done;
    private int part;
    private long offset;

    SegmentSink(Runnable loaded, MemorySegment[] parts) {
        this.loaded = Objects.requireNonNull(loaded, "loaded");
        this.parts = parts;
        long total = 0;
        for (MemorySegment each : parts) {
            total += each.byteSize();
        }
        this.size = total;
    }

    @Override
    public Completion write(MemorySegment from) {
        if (from.byteSize() > size - done) {
            throw wrongSize(done + from.byteSize());
        }
        long taken = 0;
        while (taken < from.byteSize()) {
            MemorySegment into = parts[part];
            long count = Math.min(from.byteSize() - taken, into.byteSize() - offset);
            MemorySegment.copy(from, taken, into, offset, count);
            taken += count;
            offset += count;
            if (offset == into.byteSize()) {
                part++;
                offset = 0;
            }
        }
        done += taken;
        return Completion.DONE;
    }

    @Override
    public Completion finish() {
        if (done != size) {
            throw wrongSize(done);
        }
        loaded.run();
        return Completion.DONE;
    }

    @Override
    public void abort() {}

    private DeviceException wrongSize(long bytes) {
        return new DeviceException(
                Errno.EINVAL, "state: " + bytes + " bytes (expected: exactly " + size + ")");
    }
}
