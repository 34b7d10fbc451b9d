package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.device.DeviceProvider;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/// The device types that are installed, by name.
public final class DeviceTypes {
    private final Map<String, DeviceType<?>> byName = new TreeMap<>();

    private DeviceTypes() {}

    /// Those that the module path and the class path provide.
    ///
    /// @throws CommandException if a provider cannot be used
    public static DeviceTypes installed() {
        var types = new DeviceTypes();
        try {
            for (DeviceProvider<?> provider : ServiceLoader.load(DeviceProvider.class)) {
                types.add(provider);
            }
        } catch (ServiceConfigurationError e) {
            throw new CommandException("device types: " + e.getMessage(), e);
        }
        return types;
    }

    /// Just these.
    ///
    /// @throws CommandException if a provider cannot be used
    public static DeviceTypes of(DeviceProvider<?>... providers) {
        var types = new DeviceTypes();
        for (DeviceProvider<?> provider : providers) {
            types.add(provider);
        }
        return types;
    }

    /// All of them, by name.
    public List<DeviceType<?>> all() {
        return List.copyOf(byName.values());
    }

    /// The type with this name.
    ///
    /// @throws UsageException if there is none
    public DeviceType<?> type(String name) {
        DeviceType<?> type = byName.get(name);
        if (type == null) {
            throw new UsageException(
                    "%s: unknown device type (expected: %s%s)"
                            .formatted(
                                    Quoted.of(name),
                                    byName.isEmpty() ? "none is installed" : known(),
                                    Suggestion.clause(name, byName.keySet())));
        }
        return type;
    }

    private String known() {
        return String.join(", ", byName.keySet());
    }

    private void add(DeviceProvider<?> provider) {
        DeviceType<?> type;
        try {
            type = new DeviceType<>(provider);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        if (byName.putIfAbsent(type.name(), type) != null) {
            throw new CommandException(
                    "%s: provided twice, by %s too (expected: one provider of each name)"
                            .formatted(type.name(), provider.getClass().getName()));
        }
    }
}
