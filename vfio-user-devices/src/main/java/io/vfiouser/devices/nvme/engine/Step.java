package io.vfiouser.devices.nvme.engine;

import io.vfiouser.devices.block.BlockStatus;

/// What a command does once the storage has answered.
@FunctionalInterface
public interface Step {
    /// Goes on with the command, or finishes it. Runs on the device's loop.
    void run(Command command, BlockStatus status);
}
