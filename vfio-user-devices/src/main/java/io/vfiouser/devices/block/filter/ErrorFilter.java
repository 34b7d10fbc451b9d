package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.FdBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/// Ends some requests in an error, without asking the backend: a part of them at random, or the
/// next ones on demand.
public final class ErrorFilter implements BlockBackend {
    private static final Path ALWAYS = Path.of("/");

    private final BlockBackend lower;
    private final ErrorSettings settings;
    private final Random random;
    private final AtomicReference<Armed> armed = new AtomicReference<>(Armed.NONE);

    /// Stands before a backend.
    ///
    /// @param lower closed with this
    public ErrorFilter(BlockBackend lower, ErrorSettings settings) {
        this.lower = lower;
        this.settings = settings;
        this.random = new Random(settings.errorSeed());
    }

    /// Makes the next requests fail, whatever the rate and the trigger; replaces what was left of
    /// an earlier call. From any thread.
    ///
    /// @param count how many, 0 for none
    public void failNext(int count, BlockStatus status) {
        armed.set(count > 0 ? new Armed(count, status) : Armed.NONE);
    }

    @Override
    public BlockProperties properties() {
        return lower.properties();
    }

    @Override
    public void submit(BlockRequest request) {
        Armed now = armed.get();
        if (now.count > 0 && armed.compareAndSet(now, now.less())) {
            request.complete(now.status);
        } else if (isHit(request)) {
            request.complete(settings.errorStatus());
        } else {
            lower.submit(request);
        }
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
    }

    private boolean isHit(BlockRequest request) {
        boolean meant =
                switch (settings.errorOn()) {
                    case ALL -> true;
                    case READ -> request.operation().movesData() && !request.operation().modifies();
                    case WRITE -> request.operation().modifies();
                    case FLUSH ->
                            !request.operation().movesData() && !request.operation().modifies();
                };
        return meant
                && (settings.errorTrigger().equals(ALWAYS) || Files.exists(settings.errorTrigger()))
                && random.nextDouble() < settings.errorRate();
    }

    private record Armed(int count, BlockStatus status) {
        private static final Armed NONE = new Armed(0, BlockStatus.IO_ERROR);

        private Armed less() {
            return count > 1 ? new Armed(count - 1, status) : NONE;
        }
    }
}
