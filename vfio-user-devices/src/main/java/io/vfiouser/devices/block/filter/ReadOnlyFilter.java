package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.FdBundle;

/// Refuses everything that changes what is stored.
public final class ReadOnlyFilter implements BlockBackend {
    private final BlockBackend lower;

    /// Stands before a backend.
    ///
    /// @param lower closed with this
    public ReadOnlyFilter(BlockBackend lower) {
        this.lower = lower;
    }

    @Override
    public BlockProperties properties() {
        return lower.properties().asReadOnly();
    }

    @Override
    public void submit(BlockRequest request) {
        if (request.operation().modifies()) {
            request.complete(BlockStatus.READ_ONLY);
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
}
