package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.FdBundle;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts requests, bytes, errors and latency by operation, and logs them when it is closed.
public final class StatsFilter implements BlockBackend {
    private static final Logger LOG = LoggerFactory.getLogger(StatsFilter.class);

    private final BlockBackend lower;
    private final RequestPool<TimedRequest> pool = new RequestPool<>(TimedRequest::new);
    private final Map<BlockOperation, Tally> tallies = new EnumMap<>(BlockOperation.class);
    private boolean closed;

    /// Stands before a backend.
    ///
    /// @param lower closed with this
    public StatsFilter(BlockBackend lower) {
        this.lower = lower;
        for (BlockOperation operation : BlockOperation.values()) {
            tallies.put(operation, new Tally());
        }
    }

    /// What was seen so far of one operation. From any thread.
    public OperationStats stats(BlockOperation operation) {
        return tally(operation).snapshot();
    }

    @Override
    public BlockProperties properties() {
        return lower.properties();
    }

    @Override
    public void submit(BlockRequest request) {
        TimedRequest timed = pool.take();
        timed.begin(request);
        timed.sameAs(request);
        timed.start = System.nanoTime();
        lower.submit(timed);
    }

    @Override
    public void submitted() {
        lower.submitted();
    }

    @Override
    public void onResize(ResizeListener listener) {
        lower.onResize(listener);
    }

    @Override
    public FdBundle handOver() {
        return lower.handOver();
    }

    @Override
    public void takeOver(FdBundle files) {
        lower.takeOver(files);
    }

    @Override
    public void close() {
        lower.close();
        if (!closed) {
            closed = true;
            tallies.forEach(StatsFilter::log);
        }
    }

    private Tally tally(BlockOperation operation) {
        return Objects.requireNonNull(tallies.get(operation), "operation");
    }

    private static void log(BlockOperation operation, Tally tally) {
        OperationStats stats = tally.snapshot();
        if (stats.count() > 0) {
            LOG.info(
                    "{}: count={} errors={} bytes={} mean={}us p99<={}us max={}us",
                    operation,
                    stats.count(),
                    stats.errors(),
                    stats.bytes(),
                    stats.totalNanos() / stats.count() / 1000,
                    stats.quantileNanos(0.99) / 1000,
                    stats.maxNanos() / 1000);
        }
    }

    private final class TimedRequest extends PooledRequest {
        private long start;

        @Override
        protected void completed(BlockStatus status) {
            tally(operation()).add(status, length(), System.nanoTime() - start);
            BlockRequest request = end();
            pool.give(this);
            request.complete(status);
        }
    }
}
