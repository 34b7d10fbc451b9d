package io.vfiouser.cli.types;

import io.vfiouser.control.DeviceCatalog;
import io.vfiouser.device.Device;
import io.vfiouser.filters.DeviceFilter;
import java.util.List;
import java.util.Map;

/// The device types and filters that are installed, for those who add them at run time.
public final class InstalledCatalog implements DeviceCatalog {
    private final DeviceTypes types = DeviceTypes.installed();
    private final FilterKinds kinds = FilterKinds.installed();

    /// Finds them.
    public InstalledCatalog() {}

    @Override
    public List<String> deviceTypes() {
        return types.all().stream().<String>map(DeviceType::name).toList();
    }

    @Override
    public List<String> filters() {
        return kinds.all().stream().<String>map(FilterKind::name).toList();
    }

    @Override
    public Device device(String type, Map<String, String> settings) {
        return types.type(type).configure(settings).get();
    }

    @Override
    public DeviceFilter filter(String text) {
        return kinds.parse(text).get();
    }
}
