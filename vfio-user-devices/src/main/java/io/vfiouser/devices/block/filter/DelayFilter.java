package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.FdBundle;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Completes requests late: once the backend is done with one, and then some time.
public final class DelayFilter implements BlockBackend {
    private final BlockBackend lower;
    private final DelaySettings settings;
    private final RequestPool<DelayedRequest> pool = new RequestPool<>(DelayedRequest::new);
    private final Set<DelayedRequest> waiting = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor timer;

    /// Stands before a backend.
    ///
    /// @param lower closed with this
    public DelayFilter(BlockBackend lower, DelaySettings settings) {
        this.lower = lower;
        this.settings = settings;
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("disk delay").factory());
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    @Override
    public BlockProperties properties() {
        return lower.properties();
    }

    @Override
    public void submit(BlockRequest request) {
        if (delay(request.operation()).isZero()) {
            lower.submit(request);
            return;
        }
        DelayedRequest delayed = pool.take();
        delayed.begin(request);
        delayed.sameAs(request);
        lower.submit(delayed);
    }

    @Override
    public void submitted() {
        lower.submitted();
    }

    @Override
    public void onResize(ResizeListener listener) {
        lower.onResize(listener);
    }

    /// Closes the backend; what waits only for its time is completed now.
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
        timer.shutdownNow();
        waiting.forEach(DelayedRequest::finish);
    }

    private Duration delay(BlockOperation operation) {
        return switch (operation) {
            case READ -> settings.delayRead();
            case WRITE, WRITE_ZEROES, DEALLOCATE -> settings.delayWrite();
            case FLUSH -> settings.delayFlush();
        };
    }

    private final class DelayedRequest extends PooledRequest {
        private volatile BlockStatus outcome = BlockStatus.OK;

        @Override
        protected void completed(BlockStatus status) {
            outcome = status;
            waiting.add(this);
            try {
                var _ =
                        timer.schedule(
                                this::finish, delay(operation()).toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException _) {
                finish(); // closed
            }
        }

        private void finish() {
            if (waiting.remove(this)) {
                BlockRequest request = end();
                BlockStatus status = outcome;
                pool.give(this);
                request.complete(status);
            }
        }
    }
}
