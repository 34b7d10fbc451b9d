package io.vfiouser.control;

import io.vfiouser.device.Device;
import io.vfiouser.filters.DeviceFilter;
import java.util.List;
import java.util.Map;

/// What can be added at run time: device types and filters by name.
public interface DeviceCatalog {
    /// Nothing can be added.
    DeviceCatalog EMPTY =
            new DeviceCatalog() {
                @Override
                public List<String> deviceTypes() {
                    return List.of();
                }

                @Override
                public List<String> filters() {
                    return List.of();
                }

                @Override
                public Device device(String type, Map<String, String> settings) {
                    throw new IllegalArgumentException(
                            "type: " + type + " (expected: a server with device types)");
                }

                @Override
                public DeviceFilter filter(String text) {
                    throw new IllegalArgumentException(
                            "filter: " + text + " (expected: a server with filters by name)");
                }
            };

    /// The names of the device types.
    List<String> deviceTypes();

    /// The names of the filters.
    List<String> filters();

    /// Makes a device.
    ///
    /// @param settings values by key
    /// @throws RuntimeException that says which setting is not right
    Device device(String type, Map<String, String> settings);

    /// Makes a filter.
    ///
    /// @param text `NAME` or `NAME:KEY=VALUE,KEY=VALUE`
    /// @throws RuntimeException that says what is not right
    DeviceFilter filter(String text);
}
