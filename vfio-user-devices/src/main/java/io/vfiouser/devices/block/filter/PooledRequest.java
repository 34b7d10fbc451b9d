package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A request of a filter's own, made for one that the filter was given.
abstract class PooledRequest extends BlockRequest {
    private @Nullable PooledRequest next;
    private @Nullable BlockRequest upper;

    /// Remembers which request this one is for.
    void begin(BlockRequest upper) {
        this.upper = upper;
    }

    /// The request that this one is for; forgets it.
    BlockRequest end() {
        BlockRequest request = Objects.requireNonNull(upper, "upper");
        upper = null;
        data().clear();
        return request;
    }

    @Nullable PooledRequest next() {
        return next;
    }

    void setNext(@Nullable PooledRequest next) {
        this.next = next;
    }
}
