package io.vfiouser.server.observe;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.time.Duration;
import java.util.List;

/// Is told what happens to devices and their clients. All methods but the first run on the device's
/// event loop and must not block; what they throw is logged and ignored.
public interface ServerListener {
    /// Does nothing.
    ServerListener NONE = new ServerListener() {};

    /// A device is in service, and clients can connect. On any thread.
    ///
    /// @param device the name under which the device is served
    default void deviceServed(String device) {}

    /// A device that was in service is closed.
    default void deviceClosed(String device) {}

    /// A client has negotiated.
    ///
    /// @param device the name under which the device is served
    /// @param session counts the clients of that device, from 1
    default void clientAttached(String device, long session) {}

    /// A client is gone and everything of it is released; the next one may come.
    ///
    /// @param reason why, in words, for the log
    default void clientDetached(String device, long session, String reason) {}

    /// Somebody connected who may not be a client, or not now; the connection is closed.
    ///
    /// @param reason why, in words, for the log
    default void connectionRefused(String device, String reason) {}

    /// A request was answered with an error, or would have been, had the client wanted a reply.
    ///
    /// @param errno what the client sees
    /// @param message what was wrong with it
    default void requestRefused(String device, long session, Errno errno, String message) {}

    /// The migration state of a device is another one.
    default void migrationStateChanged(String device, MigrationState from, MigrationState to) {}

    /// Code of the device threw something other than a
    /// [io.vfiouser.device.outcome.DeviceException].
    default void deviceFailed(String device, Throwable cause) {}

    /// Code of the device has held its event loop for longer than
    /// [io.vfiouser.server.options.Limit#CALLBACK_TIME], and still does; told again each time that
    /// it has taken twice as long. Called on the watchdog's thread, as the loop does not listen.
    ///
    /// @param held for how long
    /// @param stack of the loop's thread, innermost call first
    default void loopHeld(String device, Duration held, List<StackTraceElement> stack) {}

    /// The device was given up, see [io.vfiouser.server.ServedDevice#giveUp].
    ///
    /// @param reason why, in words, for the log
    default void deviceGivenUp(String device, String reason) {}
}
