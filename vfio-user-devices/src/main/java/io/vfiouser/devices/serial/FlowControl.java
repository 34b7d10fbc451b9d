package io.vfiouser.devices.serial;

/// When bytes for the guest wait on the other end of the cable. None is ever lost on its way.
public enum FlowControl {
    /// While the receiver has no room.
    HOLD,
    /// While the receiver has no room, or the guest has RTS down. Linux has it down until a program
    /// opens the port, and drops what is in the FIFO by then: so what is typed ahead is not lost.
    RTS
}
