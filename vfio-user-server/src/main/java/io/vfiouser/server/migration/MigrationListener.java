package io.vfiouser.server.migration;

import io.vfiouser.protocol.MigrationState;

/// Hears what happens to a [MigrationMachine]. Called on the device's loop.
public interface MigrationListener {
    /// The device has come from one state to another.
    void stateChanged(MigrationState from, MigrationState to);

    /// The device threw where that changes nothing: at the end of a stream.
    ///
    /// @param where what it was to do
    void deviceFailed(String where, Throwable cause);
}
