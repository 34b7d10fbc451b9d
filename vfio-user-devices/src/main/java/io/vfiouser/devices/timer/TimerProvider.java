package io.vfiouser.devices.timer;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.NoSettings;

/// Makes [TimerDevice]s, by the name `timer`.
public final class TimerProvider implements DeviceProvider<NoSettings> {
    /// For `ServiceLoader`.
    public TimerProvider() {}

    @Override
    public String name() {
        return "timer";
    }

    @Override
    public String description() {
        return "a one-shot timer that interrupts, does DMA both ways and migrates, as"
                + " libvfio-user's sample server";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public Device create(NoSettings settings) {
        return new TimerDevice();
    }
}
