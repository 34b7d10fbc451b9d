package io.vfiouser.server.observe;

import io.vfiouser.device.irq.IrqIndex;

/// Sees every message between a device and its clients, as it goes over the socket: what a capture,
/// a trace and a recording are made from.
///
/// Put on with [io.vfiouser.server.ServedDevice#tap], at any time. All methods but [#interrupt] run
/// on the device's event loop, one at a time, and must not block. A tap that throws is logged once
/// and taken off.
@FunctionalInterface
public interface MessageTap {
    /// A whole message has come, or is about to be sent. Those that come are seen before they are
    /// run, so even those that end the session.
    ///
    /// @param message valid during this call only
    void message(TappedMessage message);

    /// The device has signalled an interrupt by its client's eventfd. On any thread, also in the
    /// middle of a call of another method; must be quick.
    ///
    /// @param session as in [TappedMessage#session()]
    default void interrupt(long session, IrqIndex index, int vector) {}

    /// The connection of a client is gone, and no message of it follows.
    ///
    /// @param session as in [TappedMessage#session()]
    /// @param reason why, in words, for the log
    default void sessionEnded(long session, String reason) {}
}
