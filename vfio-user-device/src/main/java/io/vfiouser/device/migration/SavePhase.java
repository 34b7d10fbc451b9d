package io.vfiouser.device.migration;

/// When state is saved.
public enum SavePhase {
    /// While the device goes on running: a first part, which what follows may correct.
    PRE_COPY,
    /// While the device is stopped: what is left, after which the state is complete.
    STOP_COPY
}
