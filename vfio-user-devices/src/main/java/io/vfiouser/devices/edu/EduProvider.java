package io.vfiouser.devices.edu;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;

/// Makes [EduDevice]s, by the name `edu`.
public final class EduProvider implements DeviceProvider<EduSettings> {
    /// For `ServiceLoader`.
    public EduProvider() {}

    @Override
    public String name() {
        return "edu";
    }

    @Override
    public String description() {
        return "QEMU's educational device: factorial, DMA and interrupts, to write a driver for";
    }

    @Override
    public EduSettings defaults() {
        return EduSettings.DEFAULTS;
    }

    @Override
    public Device create(EduSettings settings) {
        return new EduDevice(settings);
    }
}
