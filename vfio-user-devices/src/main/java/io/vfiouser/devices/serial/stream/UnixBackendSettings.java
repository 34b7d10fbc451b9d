package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of the `unix` backend.
///
/// @param path where the socket shall be
public record UnixBackendSettings(
        @Setting("UNIX socket to listen on; its owner may connect, one at a time") Path path) {
    /// Checks that there is a path.
    public UnixBackendSettings {
        Objects.requireNonNull(path, "path");
    }
}
