package io.vfiouser.devices.gpio;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.NoSettings;

/// Makes [GpioDevice]s, by the name `gpio`.
public final class GpioProvider implements DeviceProvider<NoSettings> {
    /// For `ServiceLoader`.
    public GpioProvider() {}

    @Override
    public String name() {
        return "gpio";
    }

    @Override
    public String description() {
        return "16 outputs wired back to 16 inputs, for Linux's gpio-pci-idio-16 driver";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public Device create(NoSettings settings) {
        return new GpioDevice();
    }
}
