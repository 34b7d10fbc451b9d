package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Keeps what is written in an overlay, so that the backend below is never changed. What has not
/// been written since is read from below.
///
/// The overlay is only good together with this object, which knows what is in it: the changes are
/// gone when it is closed. Blocks are of at least 512 bytes.
public final class CowFilter implements BlockBackend {
    private static final int MIN_BLOCK_SIZE = 512;

    private final BlockBackend lower;
    private final BlockBackend overlay;
    private final BlockProperties properties;
    private final int blockSize;
    private final BlockMap changed = new BlockMap();
    private final RequestPool<Change> changes = new RequestPool<>(Change::new);
    private final RequestPool<Part> parts = new RequestPool<>(Part::new);
    private volatile boolean closed;

    /// Stands before a backend.
    ///
    /// @param lower closed with this
    /// @param overlay takes the changes; closed with this
    /// @throws IllegalArgumentException if the overlay is smaller, or read-only
    public CowFilter(BlockBackend lower, BlockBackend overlay) {
        this.lower = lower;
        this.overlay = overlay;
        BlockProperties below = lower.properties();
        BlockProperties above = overlay.properties();
        this.blockSize = Math.max(MIN_BLOCK_SIZE, Math.max(below.blockSize(), above.blockSize()));
        long capacity = below.capacityBytes() - below.capacityBytes() % blockSize;
        if (above.readOnly() || above.capacityBytes() < capacity) {
            throw new IllegalArgumentException(
                    "overlay: %d bytes%s (expected: at least %d, writable)"
                            .formatted(
                                    above.capacityBytes(),
                                    above.readOnly() ? ", read-only" : "",
                                    capacity));
        }
        this.properties =
                new BlockProperties(
                        capacity,
                        blockSize,
                        Math.max(blockSize, above.preferredSize()),
                        false,
                        above.volatileWriteCache(),
                        above.writeZeroes(),
                        above.writeZeroes(),
                        above.writeZeroes());
    }

    @Override
    public BlockProperties properties() {
        return properties;
    }

    @Override
    public void submit(BlockRequest request) {
        BlockStatus status = closed ? BlockStatus.CANCELLED : properties.check(request);
        if (!status.isOk()) {
            request.complete(status);
        } else if (request.operation() == BlockOperation.READ) {
            read(request);
        } else {
            change(request);
        }
    }

    @Override
    public void submitted() {
        lower.submitted();
        overlay.submitted();
    }

    @Override
    public void close() {
        closed = true;
        overlay.close();
        lower.close();
    }

    private void change(BlockRequest request) {
        if (request.operation() == BlockOperation.DEALLOCATE && !properties.deallocate()) {
            request.complete(BlockStatus.OK);
            return;
        }
        Change change = changes.take();
        change.begin(request);
        if (request.operation() == BlockOperation.DEALLOCATE) {
            change.writeZeroes(request.offset(), request.length(), false, true);
        } else {
            change.sameAs(request);
        }
        overlay.submit(change);
    }

    private void read(BlockRequest request) {
        long first = request.offset() / blockSize;
        long end = (request.offset() + request.length()) / blockSize;
        if (first == end) {
            request.complete(BlockStatus.OK);
            return;
        }
        if (changed.endOfRun(first, end) == end) {
            source(first).submit(request);
            return;
        }
        var join = new Join(request);
        for (long block = first; block < end; ) {
            long next = changed.endOfRun(block, end);
            Part part = parts.take();
            part.begin(request);
            part.join = join;
            part.partOf(request, (block - first) * blockSize, (next - block) * blockSize);
            join.pending.getAndIncrement();
            source(block).submit(part);
            block = next;
        }
        join.ended(BlockStatus.OK);
    }

    private BlockBackend source(long block) {
        return changed.get(block) ? overlay : lower;
    }

    /// A write that goes to the overlay.
    private final class Change extends PooledRequest {
        @Override
        protected void completed(BlockStatus status) {
            if (status.isOk() && length() > 0) {
                changed.set(offset() / blockSize, (offset() + length()) / blockSize);
            }
            BlockRequest request = end();
            changes.give(this);
            request.complete(status);
        }
    }

    /// A piece of a read that comes from both.
    private final class Part extends PooledRequest {
        private @Nullable Join join;

        @Override
        protected void completed(BlockStatus status) {
            Join whole = Objects.requireNonNull(join, "join");
            join = null;
            end();
            parts.give(this);
            whole.ended(status);
        }
    }

    /// Completes a read once all of its parts have ended; itself one more to wait for.
    private static final class Join {
        private final BlockRequest request;
        private final AtomicInteger pending = new AtomicInteger(1);
        private final AtomicReference<BlockStatus> worst = new AtomicReference<>(BlockStatus.OK);

        private Join(BlockRequest request) {
            this.request = request;
        }

        private void ended(BlockStatus status) {
            if (!status.isOk()) {
                worst.compareAndSet(BlockStatus.OK, status);
            }
            if (pending.decrementAndGet() == 0) {
                request.complete(worst.get());
            }
        }
    }
}
