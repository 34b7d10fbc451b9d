package io.vfiouser.device.irq;

import io.vfiouser.device.outcome.Completion;

/// Interrupts told by messages instead of eventfds, as the legacy dialect of the protocol has them
/// (spec of 2021: "VFIO_USER_VM_INTERRUPT"). Belongs to the device's loop.
///
/// A client that takes such messages takes eventfds as well, so an ordinary device needs only its
/// [IrqLine]s. Of use where a client asks for messages, or has no eventfds.
public interface InterruptMessages {
    /// Tells the client of one interrupt and waits for its answer.
    ///
    /// The message names the vector but not the interrupt type: the client knows which it has
    /// armed.
    ///
    /// @param vector 0 to the highest count of the layout's interrupt types - 1
    /// @return done on the loop when the client has answered; with a
    ///   [io.vfiouser.device.outcome.DeviceException] of its errno if it refuses, `ETIMEDOUT` if it
    ///   does not answer in time, `ENOTCONN` if it goes meanwhile
    /// @throws io.vfiouser.device.outcome.DeviceException `EINVAL` for a vector that no type has
    Completion send(int vector);
}
