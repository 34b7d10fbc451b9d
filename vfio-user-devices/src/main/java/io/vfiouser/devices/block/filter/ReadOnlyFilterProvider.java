package io.vfiouser.devices.block.filter;

import io.vfiouser.device.NoSettings;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockFilterProvider;

/// Makes [ReadOnlyFilter]s, by the name `readonly`.
public final class ReadOnlyFilterProvider implements BlockFilterProvider<NoSettings> {
    /// For `ServiceLoader`.
    public ReadOnlyFilterProvider() {}

    @Override
    public String name() {
        return "readonly";
    }

    @Override
    public String description() {
        return "refuses everything that changes what is stored";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public BlockBackend apply(BlockBackend lower, NoSettings settings) {
        return new ReadOnlyFilter(lower);
    }
}
