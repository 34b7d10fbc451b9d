package io.vfiouser.server.options;

/// What becomes of a client that connects while another one is there.
public enum SecondClient {
    /// It is accepted when the other one is gone; until then its connection waits in the kernel.
    WAITS,
    /// Its connection is closed at once. One that comes while the other is leaving, its memory and
    /// interrupts being released, waits for that.
    IS_REFUSED
}
