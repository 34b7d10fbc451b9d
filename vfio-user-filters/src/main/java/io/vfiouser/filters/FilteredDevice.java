package io.vfiouser.filters;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A device with filters around it, to be served in its place.
///
/// ```java
/// var delay = new DelayFilter(DelaySettings.of(Duration.ofMillis(5)));
/// server.serve("slow", FilteredDevice.of(new GpioDevice(), delay), socket);
/// delay.enabled(false); // from any thread, while a guest is at work
/// ```
///
/// The outermost filter meets the client's accesses first, and what the device does last. Regions
/// that a filter stands before are offered to clients without memory to map and without ioeventfds,
/// which would go past it. Filters do not see accesses to an MSI-X table (the server answers them)
/// and the migration of state. What filters themselves have counted or changed does not go along
/// with a hot restart. A device without filters is served as it is, at no cost.
public final class FilteredDevice implements Device {
    private final Device device;
    private final FilterChain filters;
    private final FilteredLayout layout;

    private FilteredDevice(Device device, FilterChain filters) {
        this.device = device;
        this.filters = filters;
        this.layout = new FilteredLayout(filters, device.layout());
    }

    /// Puts filters around a device. Asks the device for its layout.
    ///
    /// @param device closed with this; the caller's if this method throws
    /// @param outermostFirst each for this device only
    /// @throws IllegalArgumentException if a filter has nothing to do here, such as for a register
    ///   that the device does not have
    /// @throws IllegalStateException if a filter has a device already
    public static FilteredDevice of(Device device, DeviceFilter... outermostFirst) {
        return of(device, List.of(outermostFirst));
    }

    /// Same as [#of(Device, DeviceFilter...)].
    public static FilteredDevice of(Device device, List<? extends DeviceFilter> outermostFirst) {
        Objects.requireNonNull(device, "device");
        if (new HashSet<>(outermostFirst).size() < outermostFirst.size()) {
            throw new IllegalArgumentException(
                    "filters: " + outermostFirst + " (expected: each of them once)");
        }
        outermostFirst.forEach(DeviceFilter::take);
        return new FilteredDevice(device, new FilterChain(List.copyOf(outermostFirst)));
    }

    /// The filters, outermost first. From any thread.
    public List<DeviceFilter> filters() {
        return filters.filters();
    }

    @Override
    public DeviceLayout layout() {
        return layout.filtered();
    }

    @Override
    public Optional<Migratable> migratable() {
        return device.migratable();
    }

    @Override
    public Optional<Handover> handover() {
        return device.handover();
    }

    @Override
    public void attach(DeviceContext context) {
        filters.each(filter -> filter.attached(context));
        device.attach(new FilteredContext(filters, layout, context));
    }

    @Override
    public void detach() {
        device.detach();
        filters.each(DeviceFilter::detached);
    }

    @Override
    public Completion reset(ResetReason reason) {
        filters.each(filter -> filter.resetting(reason));
        return device.reset(reason);
    }

    @Override
    public Completion quiesce() {
        filters.each(DeviceFilter::quiesce);
        return device.quiesce();
    }

    @Override
    public void resume() {
        device.resume();
    }

    @Override
    public void memoryMapped(DmaRange range) {
        device.memoryMapped(range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        device.memoryUnmapped(range);
    }

    @Override
    public void close() {
        device.close();
        filters.each(DeviceFilter::closed);
    }
}
