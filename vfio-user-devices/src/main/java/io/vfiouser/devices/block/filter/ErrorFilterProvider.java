package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockFilterProvider;

/// Makes [ErrorFilter]s, by the name `error`.
public final class ErrorFilterProvider implements BlockFilterProvider<ErrorSettings> {
    /// For `ServiceLoader`.
    public ErrorFilterProvider() {}

    @Override
    public String name() {
        return "error";
    }

    @Override
    public String description() {
        return "ends some requests in an error";
    }

    @Override
    public ErrorSettings defaults() {
        return ErrorSettings.DEFAULTS;
    }

    @Override
    public BlockBackend apply(BlockBackend lower, ErrorSettings settings) {
        return new ErrorFilter(lower, settings);
    }
}
