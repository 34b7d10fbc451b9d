package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockFilterProvider;
import java.time.Duration;

/// Makes [DelayFilter]s, by the name `delay`.
public final class DelayFilterProvider implements BlockFilterProvider<DelaySettings> {
    /// For `ServiceLoader`.
    public DelayFilterProvider() {}

    @Override
    public String name() {
        return "delay";
    }

    @Override
    public String description() {
        return "completes requests late";
    }

    @Override
    public DelaySettings defaults() {
        return DelaySettings.of(Duration.ofMillis(1));
    }

    @Override
    public BlockBackend apply(BlockBackend lower, DelaySettings settings) {
        return new DelayFilter(lower, settings);
    }
}
