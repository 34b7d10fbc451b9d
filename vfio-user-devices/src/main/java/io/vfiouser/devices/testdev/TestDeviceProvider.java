package io.vfiouser.devices.testdev;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.NoSettings;

/// Makes [TestDevice]s, by the name `testdev`.
public final class TestDeviceProvider implements DeviceProvider<NoSettings> {
    /// For `ServiceLoader`.
    public TestDeviceProvider() {}

    @Override
    public String name() {
        return "testdev";
    }

    @Override
    public String description() {
        return "scratch memory, 8 MSI-X vectors and a DMA engine, for conformance and benchmarks";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public Device create(NoSettings settings) {
        return new TestDevice();
    }
}
