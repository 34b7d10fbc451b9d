package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockStatus;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/// Counts the requests of one operation, from any thread.
final class Tally {
    private static final int BUCKETS = 64;

    private final LongAdder errors = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAccumulator longest = new LongAccumulator(Long::max, 0);
    private final AtomicLongArray histogram = new AtomicLongArray(BUCKETS);

    void add(BlockStatus status, long length, long duration) {
        if (!status.isOk()) {
            errors.increment();
        }
        bytes.add(length);
        nanos.add(duration);
        longest.accumulate(duration);
        histogram.getAndIncrement(BUCKETS - 1 - Long.numberOfLeadingZeros(Math.max(1, duration)));
    }

    OperationStats snapshot() {
        List<Long> buckets =
                LongStream.range(0, BUCKETS).map(i -> histogram.get((int) i)).boxed().toList();
        long count = buckets.stream().mapToLong(Long::longValue).sum();
        return new OperationStats(
                count, errors.sum(), bytes.sum(), nanos.sum(), longest.get(), buckets);
    }
}
