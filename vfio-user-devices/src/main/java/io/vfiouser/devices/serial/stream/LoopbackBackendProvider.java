package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.NoSettings;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackendProvider;

/// Makes [LoopbackBackend]s, by the name `loopback`.
public final class LoopbackBackendProvider implements SerialBackendProvider<NoSettings> {
    /// For `ServiceLoader`.
    public LoopbackBackendProvider() {}

    @Override
    public String name() {
        return "loopback";
    }

    @Override
    public String description() {
        return "a loopback plug: the guest receives what it sends";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public SerialBackend create(NoSettings settings) {
        return new LoopbackBackend();
    }
}
