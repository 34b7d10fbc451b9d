package io.vfiouser.filters;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    private final boolean adjustable;
    private @Nullable DeviceContext context;

    private FilteredDevice(Device device, FilterChain filters, boolean adjustable) {
        this.device = device;
        this.filters = filters;
        this.adjustable = adjustable;
        this.layout = new FilteredLayout(filters, adjustable, device.layout());
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
        return around(device, outermostFirst, false);
    }

    /// As [#of(Device, List)], for filters that come and go while clients are there ([#add],
    /// [#remove]). That costs a step for each access, filters or none.
    ///
    /// Regions are offered to clients as the device has them, unless a filter stands before them
    /// from the start: a filter that comes later does not see what goes through memory that a
    /// client has mapped, or through ioeventfds.
    public static FilteredDevice adjustable(
            Device device, List<? extends DeviceFilter> outermostFirst) {
        return around(device, outermostFirst, true);
    }

    private static FilteredDevice around(
            Device device, List<? extends DeviceFilter> outermostFirst, boolean adjustable) {
        Objects.requireNonNull(device, "device");
        if (new HashSet<>(outermostFirst).size() < outermostFirst.size()) {
            throw new IllegalArgumentException(
                    "filters: " + outermostFirst + " (expected: each of them once)");
        }
        outermostFirst.forEach(DeviceFilter::take);
        return new FilteredDevice(device, new FilterChain(List.copyOf(outermostFirst)), adjustable);
    }

    /// Whether filters can come and go.
    public boolean isAdjustable() {
        return adjustable;
    }

    /// Puts one more filter around the device, outermost. On the device's loop.
    ///
    /// @param filter for this device only
    /// @throws IllegalArgumentException if it has nothing to do here; then nothing has changed
    /// @throws IllegalStateException if it has a device already, or this one is not adjustable
    public void add(DeviceFilter filter) {
        requireAdjustable();
        filter.take();
        layout.prepare(filter);
        var next = new ArrayList<DeviceFilter>(filters.filters());
        next.addFirst(filter);
        filters.replace(next);
        layout.adjust();
        DeviceContext attached = context;
        if (attached != null) {
            filter.attached(attached);
        }
    }

    /// Takes a filter away for good. What it holds up goes on. On the device's loop.
    ///
    /// @return whether it was there
    /// @throws IllegalStateException if this device is not adjustable
    public boolean remove(DeviceFilter filter) {
        requireAdjustable();
        var next = new ArrayList<DeviceFilter>(filters.filters());
        if (!next.remove(filter)) {
            return false;
        }
        filters.replace(next);
        layout.adjust();
        filter.quiesce();
        if (context != null) {
            filter.detached();
        }
        filter.closed();
        return true;
    }

    private void requireAdjustable() {
        if (!adjustable) {
            throw new IllegalStateException(
                    "filters: " + filters.filters() + " (expected: a device that is adjustable)");
        }
    }

    /// Asks the filters about an access to client memory that does not go through the context that
    /// they gave to the device: by a proxy, for a device behind it. On the device's loop.
    ///
    /// @param iova first address, unsigned
    /// @param length bytes
    /// @throws io.vfiouser.device.outcome.DeviceException if one of them refuses it
    public void checkDma(AccessMode mode, long iova, long length) {
        filters.dma(mode, iova, length);
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
    public Device innermost() {
        return device.innermost();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        filters.each(filter -> filter.attached(context));
        device.attach(new FilteredContext(filters, layout, context));
    }

    @Override
    public void detach() {
        context = null;
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
