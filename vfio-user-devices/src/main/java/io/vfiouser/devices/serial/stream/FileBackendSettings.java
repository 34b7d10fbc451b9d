package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of the `file` backend.
///
/// @param path where the guest's output goes
/// @param append whether it is added to what the file has; else the file begins anew
public record FileBackendSettings(
        @Setting("file for what the guest sends") Path path,
        @Setting("add to the file; else it begins anew") boolean append) {
    /// Checks that there is a path.
    public FileBackendSettings {
        Objects.requireNonNull(path, "path");
    }
}
