package io.vfiouser.devices.serial;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.Variant;
import java.util.List;

/// Makes [SerialDevice]s, by the name `serial`.
public final class SerialProvider implements DeviceProvider<SerialSettings> {
    /// For `ServiceLoader`.
    public SerialProvider() {}

    @Override
    public String name() {
        return "serial";
    }

    @Override
    public String description() {
        return "a serial port (16550A) wired to a socket, a file, the terminal or itself";
    }

    @Override
    public SerialSettings defaults() {
        return SerialSettings.defaults();
    }

    @Override
    public List<Variant> variants(String component) {
        return component.equals("backend") ? SerialBackends.backends() : List.of();
    }

    @Override
    public Device create(SerialSettings settings) {
        return new SerialDevice(
                SerialBackends.create(settings.backend().only("backend")), settings.flowControl());
    }
}
