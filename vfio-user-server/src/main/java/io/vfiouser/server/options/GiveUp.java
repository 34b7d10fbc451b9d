package io.vfiouser.server.options;

/// For which of what a device's code throws the device is given up. A
/// [DeviceException][io.vfiouser.device.outcome.DeviceException] is an answer, and a fault in
/// client memory is the client's doing: neither counts.
public enum GiveUp {
    /// For nothing.
    NEVER,
    /// For an [Error]: `StackOverflowError`, `OutOfMemoryError`, classes that are not there. What
    /// it has cut short may have left the device in any state.
    ON_ERROR,
    /// For an [Exception] as well.
    ON_EXCEPTION;

    /// Whether a device that has thrown `cause` is given up.
    public boolean isFor(Throwable cause) {
        return switch (this) {
            case NEVER -> false;
            case ON_ERROR -> cause instanceof Error;
            case ON_EXCEPTION -> true;
        };
    }
}
