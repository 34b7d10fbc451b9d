package io.vfiouser.trace.capture;

import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilterProvider;
import io.vfiouser.filters.FilterType;
import java.util.List;

/// The filter `record` by name.
public final class RecordFilterProvider implements FilterProvider {
    /// For `ServiceLoader`.
    public RecordFilterProvider() {}

    @Override
    public List<FilterType<?>> types() {
        return List.of(
                new FilterType<>(
                        "record",
                        "records accesses and interrupts to a file, to be replayed",
                        RecordSettings.DEFAULTS,
                        RecordFilterProvider::make));
    }

    private static DeviceFilter make(RecordSettings settings) {
        if (settings.file().toString().isEmpty()) {
            throw new IllegalArgumentException("file: missing (expected: where to record)");
        }
        return new RecordFilter(settings);
    }
}
