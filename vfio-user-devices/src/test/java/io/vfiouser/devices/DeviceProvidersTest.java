package io.vfiouser.devices;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.device.pci.PciId;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.ArrayList;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoDescriptorLeaks.class)
class DeviceProvidersTest {
    @Test
    void eachTypeIsFoundOnce() {
        var names = new ArrayList<String>();
        for (DeviceProvider<?> provider : ServiceLoader.load(DeviceProvider.class)) {
            names.add(provider.name());
        }

        assertThat(names)
                .doesNotHaveDuplicates()
                .contains("edu", "gpio", "serial", "testdev", "timer");
    }

    @ParameterizedTest
    @CsvSource({
        "edu, 0x1234, 0x11e8",
        "gpio, 0x494f, 0x0dc8",
        "serial, 0x1b36, 0x0002",
        "testdev, 0x1af4, 0x10f0",
        "timer, 0xdead, 0xbeef"
    })
    void makesTheDeviceOfItsName(String name, int vendor, int device) {
        try (Device made = create(provider(name))) {
            PciId id = made.layout().id();
            assertThat(id.vendor()).isEqualTo(vendor);
            assertThat(id.device()).isEqualTo(device);
        }
    }

    @ParameterizedTest
    @CsvSource({"edu", "gpio", "serial", "testdev", "timer"})
    void saysInOneLineWhatItMakes(String name) {
        assertThat(provider(name).description()).isNotBlank().doesNotContain("\n");
    }

    private static DeviceProvider<?> provider(String name) {
        for (DeviceProvider<?> provider : ServiceLoader.load(DeviceProvider.class)) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        throw new AssertionError("provider: " + name + " (expected: found by ServiceLoader)");
    }

    private static <S extends Record> Device create(DeviceProvider<S> provider) {
        return provider.create(provider.defaults());
    }
}
