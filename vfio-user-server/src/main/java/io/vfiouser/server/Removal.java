package io.vfiouser.server;

/// What became of the client when a device was taken out of service.
public enum Removal {
    /// There was none.
    NO_CLIENT,
    /// It left by itself within the time it was given.
    CLIENT_LEFT,
    /// It was there still, and was disconnected.
    CLIENT_DISCONNECTED,
    /// Another process has taken the device over, with the client if there was one.
    TAKEN_OVER
}
