package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// A device type that can be served by name.
///
/// @param <S> its settings record
public final class DeviceType<S extends Record> {
    private final DeviceProvider<S> provider;
    private final SettingsBinder<S> binder;

    DeviceType(DeviceProvider<S> provider) {
        this.provider = provider;
        this.binder =
                new SettingsBinder<>(provider.name(), provider.defaults(), provider::variants);
    }

    /// The name, as in `serve NAME`.
    public String name() {
        return provider.name();
    }

    /// What the device is, in a sentence.
    public String description() {
        return provider.description();
    }

    /// Its settings, in their order; may be empty.
    public List<SettingSpec> settings() {
        return binder.specs();
    }

    /// The further settings that each choice among its settings brings along; may be empty.
    public List<SettingGroup> groups() {
        return binder.groups();
    }

    /// Checks settings now and makes devices with them later.
    ///
    /// @param texts values by key
    /// @throws UsageException for an unknown key or a value that it cannot have; the supplier
    ///   throws it too, for settings that do not go together
    public Supplier<Device> configure(Map<String, String> texts) {
        S settings = binder.bind(texts);
        return () -> create(settings);
    }

    private Device create(S settings) {
        try {
            return provider.create(settings);
        } catch (IllegalArgumentException e) {
            throw new UsageException(name() + ": " + e.getMessage(), e);
        }
    }
}
