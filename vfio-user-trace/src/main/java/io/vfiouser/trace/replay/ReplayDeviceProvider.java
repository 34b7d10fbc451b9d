package io.vfiouser.trace.replay;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/// Makes [ReplayDevice]s, by the name `replay`.
public final class ReplayDeviceProvider implements DeviceProvider<ReplayDeviceSettings> {
    /// For `ServiceLoader`.
    public ReplayDeviceProvider() {}

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String description() {
        return "answers a driver as a recorded device did, and tells where the driver departs";
    }

    @Override
    public ReplayDeviceSettings defaults() {
        return ReplayDeviceSettings.DEFAULTS;
    }

    @Override
    public Device create(ReplayDeviceSettings settings) {
        if (settings.file().toString().isEmpty()) {
            throw new IllegalArgumentException("file: missing (expected: a recording)");
        }
        try {
            return ReplayDevice.of(settings);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(
                    "file: " + settings.file() + ": no such file (expected: a recording)", e);
        } catch (IOException | ReplayException e) {
            throw new IllegalArgumentException(
                    "file: " + settings.file() + ": " + e.getMessage(), e);
        }
    }
}
