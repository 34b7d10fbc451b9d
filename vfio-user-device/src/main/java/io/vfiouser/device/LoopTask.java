package io.vfiouser.device;

/// A task of a device's loop that is asked for again and again; see [DeviceContext#loopTask].
@FunctionalInterface
public interface LoopTask {
    /// A task of nobody, which never runs.
    LoopTask NONE = () -> {};

    /// Asks for it to be run, from any thread. Does nothing if it is asked for already and has not
    /// begun.
    void request();
}
