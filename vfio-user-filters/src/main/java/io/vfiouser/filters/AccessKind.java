package io.vfiouser.filters;

import java.util.Locale;

/// Which way the bytes of an access go.
public enum AccessKind {
    /// From the device to the client.
    READ,
    /// From the client to the device.
    WRITE;

    /// In lower case.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
