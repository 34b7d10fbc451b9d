package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.Setting;
import java.util.Objects;

/// The settings of the `tcp` backend.
///
/// @param listen host and port, as in `127.0.0.1:5555` or `[::1]:5555`
public record TcpBackendSettings(
        @Setting("HOST:PORT to listen on, port 0 for any; whoever reaches it may connect")
                String listen) {
    /// Checks that there is an address.
    public TcpBackendSettings {
        Objects.requireNonNull(listen, "listen");
    }
}
