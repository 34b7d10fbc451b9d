package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.device.Device;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilteredDevice;
import java.util.List;
import java.util.function.Supplier;

/// Makes devices with filters around them.
///
/// @param origin what stands before messages
/// @param device makes the device
/// @param filters make the filters, outermost first
/// @param adjustable whether filters can come and go later
record FilteredFactory(
        String origin,
        Supplier<Device> device,
        List<Supplier<DeviceFilter>> filters,
        boolean adjustable)
        implements Supplier<Device> {
    /// A new device with new filters.
    ///
    /// @throws UsageException if a filter has nothing to do for such a device
    @Override
    public Device get() {
        Device made = device.get();
        List<DeviceFilter> around = filters.stream().map(Supplier::get).toList();
        try {
            return adjustable
                    ? FilteredDevice.adjustable(made, around)
                    : FilteredDevice.of(made, around);
        } catch (IllegalArgumentException e) {
            made.close();
            throw new UsageException(origin + "filter: " + e.getMessage(), e);
        }
    }
}
