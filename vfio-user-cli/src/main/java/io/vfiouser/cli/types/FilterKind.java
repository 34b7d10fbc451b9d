package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilterType;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// A kind of filter that can be put around devices by name.
///
/// @param <S> its settings record
public final class FilterKind<S extends Record> {
    private final FilterType<S> type;
    private final SettingsBinder<S> binder;

    FilterKind(FilterType<S> type) {
        this.type = type;
        this.binder = new SettingsBinder<>(label(type), type.defaults(), _ -> List.of());
    }

    /// The name, as in `--filter NAME`.
    public String name() {
        return type.name();
    }

    /// What it does, in a sentence.
    public String description() {
        return type.description();
    }

    /// Its settings, in their order; may be empty.
    public List<SettingSpec> settings() {
        return binder.specs();
    }

    /// Checks settings now and makes filters with them later, one for each device.
    ///
    /// @param texts values by key
    /// @throws UsageException for an unknown key or a value that it cannot have, or for settings
    ///   that do not go together
    public Supplier<DeviceFilter> configure(Map<String, String> texts) {
        S settings = binder.bind(texts);
        create(settings);
        return () -> create(settings);
    }

    private DeviceFilter create(S settings) {
        try {
            return type.maker().apply(settings);
        } catch (IllegalArgumentException e) {
            throw new UsageException(label(type) + ": " + e.getMessage(), e);
        }
    }

    private static String label(FilterType<?> type) {
        return "filter " + type.name();
    }
}
