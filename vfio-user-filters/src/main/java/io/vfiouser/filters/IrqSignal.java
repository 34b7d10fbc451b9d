package io.vfiouser.filters;

/// What a device does to an interrupt.
public enum IrqSignal {
    /// Fires it once, as an edge.
    TRIGGER,
    /// Sets its level.
    RAISE,
    /// Takes its level back.
    LOWER,
    /// Tells of it by a message of the legacy dialect.
    MESSAGE
}
