package io.vfiouser.control;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.os.Errno;
import io.vfiouser.server.ServedDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;

/// The filters of the devices, by numbers that stay theirs. Any thread.
final class FilterSwitchboard {
    private final Map<DeviceFilter, Integer> numbers = new WeakHashMap<>();
    private final Map<DeviceFilter, String> texts = new WeakHashMap<>();
    private final Map<FilteredDevice, ErrorFilter> failing = new WeakHashMap<>();
    private int lastNumber;

    /// What there is to say of a device's filters, outermost first.
    synchronized List<Map<String, Object>> list(ServedDevice device) {
        var list = new ArrayList<Map<String, Object>>();
        if (device.device() instanceof FilteredDevice filtered) {
            for (DeviceFilter filter : filtered.filters()) {
                list.add(describe(filter));
            }
        }
        return list;
    }

    synchronized Map<String, Object> describe(DeviceFilter filter) {
        return Map.of(
                "id", number(filter),
                "name", filter.name(),
                "text", texts.getOrDefault(filter, filter.name()),
                "enabled", filter.isEnabled());
    }

    CompletableFuture<Map<String, Object>> add(
            ServedDevice device, DeviceFilter filter, String text) {
        FilteredDevice filtered = adjustable(device);
        synchronized (this) {
            texts.put(filter, text);
        }
        return device.call(() -> {
            filtered.add(filter);
            return describe(filter);
        });
    }

    CompletableFuture<Map<String, Object>> remove(ServedDevice device, String id) {
        DeviceFilter filter = find(device, id);
        FilteredDevice filtered = adjustable(device);
        return device.call(() -> {
            filtered.remove(filter);
            return Map.of();
        });
    }

    Map<String, Object> enable(ServedDevice device, String id, boolean enabled) {
        DeviceFilter filter = find(device, id);
        filter.enabled(enabled);
        return describe(filter);
    }

    /// Lets the next accesses to a device end with an error.
    CompletableFuture<Map<String, Object>> fail(ServedDevice device, Errno errno, int count) {
        FilteredDevice filtered = adjustable(device);
        return device.call(() -> {
            ErrorFilter filter;
            synchronized (this) {
                filter = failing.get(filtered);
            }
            if (filter == null || !filtered.filters().contains(filter)) {
                filter = new ErrorFilter();
                synchronized (this) {
                    failing.put(filtered, filter);
                    texts.put(filter, "fail");
                }
                filtered.add(filter);
            }
            filter.enabled(true);
            filter.failNext(count, errno);
            return describe(filter);
        });
    }

    private synchronized int number(DeviceFilter filter) {
        return numbers.computeIfAbsent(filter, _ -> ++lastNumber);
    }

    private DeviceFilter find(ServedDevice device, String id) {
        if (device.device() instanceof FilteredDevice filtered) {
            for (DeviceFilter filter : filtered.filters()) {
                if (Integer.toString(number(filter)).equals(id)) {
                    return filter;
                }
            }
        }
        throw new ApiException(
                HttpResponseStatus.NOT_FOUND,
                "filter: " + id + " (expected: the id of one of the device's filters)");
    }

    private static FilteredDevice adjustable(ServedDevice device) {
        if (device.device() instanceof FilteredDevice filtered && filtered.isAdjustable()) {
            return filtered;
        }
        throw new ApiException(
                HttpResponseStatus.CONFLICT,
                device.name()
                        + ": filters (expected: a device served as FilteredDevice.adjustable)");
    }
}
