package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilterProvider;
import io.vfiouser.filters.FilterType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The kinds of filters that are installed, by name.
public final class FilterKinds {
    private static final String SHAPE = "NAME or NAME:KEY=VALUE,KEY=VALUE, as in delay:read=5ms";

    private final Map<String, FilterKind<?>> byName = new TreeMap<>();

    private FilterKinds() {}

    /// Those that the module path and the class path provide.
    ///
    /// @throws CommandException if a provider cannot be used
    public static FilterKinds installed() {
        var kinds = new FilterKinds();
        try {
            for (FilterProvider provider : ServiceLoader.load(FilterProvider.class)) {
                provider.types().forEach(kinds::add);
            }
        } catch (ServiceConfigurationError e) {
            throw new CommandException("filters: " + e.getMessage(), e);
        }
        return kinds;
    }

    /// All of them, by name.
    public List<FilterKind<?>> all() {
        return List.copyOf(byName.values());
    }

    /// What makes the filters that `text` asks for: a name, or a name, a colon and settings with
    /// commas between them.
    ///
    /// @throws UsageException for an unknown name or setting, or a value that it cannot have
    public Supplier<DeviceFilter> parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        FilterKind<?> kind = byName.get(name);
        if (kind == null) {
            throw new UsageException(
                    "filter: %s: unknown (expected: one of %s%s)"
                            .formatted(
                                    Quoted.of(name),
                                    String.join(", ", byName.keySet()),
                                    Suggestion.clause(name, byName.keySet())));
        }
        return kind.configure(colon < 0 ? Map.of() : settings(text, text.substring(colon + 1)));
    }

    private static Map<String, String> settings(String text, String assignments) {
        var settings = new LinkedHashMap<String, String>();
        for (String assignment : assignments.split(",", -1)) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new UsageException(
                        "filter: %s: %s (expected: %s)"
                                .formatted(Quoted.of(text), Quoted.of(assignment), SHAPE));
            }
            String key = assignment.substring(0, equals);
            if (settings.put(key, assignment.substring(equals + 1)) != null) {
                throw new UsageException(
                        "filter: %s: %s: given twice (expected: once)"
                                .formatted(Quoted.of(text), Quoted.of(key)));
            }
        }
        return settings;
    }

    private void add(FilterType<?> type) {
        FilterKind<?> kind;
        try {
            kind = new FilterKind<>(type);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        if (byName.putIfAbsent(kind.name(), kind) != null) {
            throw new CommandException(
                    "filter %s: provided twice (expected: one provider of each name)"
                            .formatted(kind.name()));
        }
    }
}
