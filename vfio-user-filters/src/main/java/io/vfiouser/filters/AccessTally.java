package io.vfiouser.filters;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/// Counts the accesses of one kind to one place: written by the device's loop, or where a device
/// answers late by the thread that completes, read by any.
final class AccessTally {
    private static final int BUCKETS = 64;

    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLongArray histogram = new AtomicLongArray(BUCKETS);

    void add(long size, long duration, boolean failed) {
        if (failed) {
            errors.incrementAndGet();
        }
        bytes.addAndGet(size);
        nanos.addAndGet(duration);
        for (long known = longest.get(); duration > known; known = longest.get()) {
            longest.compareAndSet(known, duration);
        }
        histogram.getAndIncrement(BUCKETS - 1 - Long.numberOfLeadingZeros(Math.max(1, duration)));
    }

    AccessStats snapshot(AccessKind kind, String place) {
        List<Long> buckets =
                LongStream.range(0, BUCKETS).map(i -> histogram.get((int) i)).boxed().toList();
        long count = buckets.stream().mapToLong(Long::longValue).sum();
        return new AccessStats(
                kind, place, count, errors.get(), bytes.get(), nanos.get(), longest.get(), buckets);
    }
}
