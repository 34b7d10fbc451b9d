package io.vfiouser.devices.nvme.engine;

/// Does commands, or a step of them.
@FunctionalInterface
public interface CommandHandler {
    /// Does it, or begins to; in the end [Engine#finish] is called once for the command.
    ///
    /// @throws io.vfiouser.device.outcome.DeviceException if guest memory cannot be reached, which
    ///   ends the command with a data transfer error
    void handle(Command command);
}
