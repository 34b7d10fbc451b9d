package io.vfiouser.devices.block.filter;

import io.vfiouser.device.NoSettings;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockFilterProvider;

/// Makes [StatsFilter]s, by the name `stats`.
public final class StatsFilterProvider implements BlockFilterProvider<NoSettings> {
    /// For `ServiceLoader`.
    public StatsFilterProvider() {}

    @Override
    public String name() {
        return "stats";
    }

    @Override
    public String description() {
        return "counts requests, bytes, errors and latency; logs them at the end";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public BlockBackend apply(BlockBackend lower, NoSettings settings) {
        return new StatsFilter(lower);
    }
}
