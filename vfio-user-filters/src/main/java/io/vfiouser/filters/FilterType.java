package io.vfiouser.filters;

import java.util.Objects;
import java.util.function.Function;

/// A kind of filter that can be asked for by name, as in `--filter NAME:key=value`.
///
/// @param name lower case letters, digits and dashes
/// @param description one sentence that says what it does
/// @param defaults a public record of an exported package, as for a
///   [io.vfiouser.device.DeviceProvider]; components may also have a type of one's own with `public
///   static T parse(String)`, which throws an [IllegalArgumentException], and `public static final
///   String EXPECTED`, which says how it is written
/// @param maker makes a filter; throws an [IllegalArgumentException] that names the setting, its
///   value and what was expected
/// @param <S> the settings record
public record FilterType<S extends Record>(
        String name, String description, S defaults, Function<S, DeviceFilter> maker) {
    /// Checks that all are there.
    public FilterType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(defaults, "defaults");
        Objects.requireNonNull(maker, "maker");
    }
}
