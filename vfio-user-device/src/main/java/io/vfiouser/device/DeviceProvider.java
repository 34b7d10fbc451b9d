package io.vfiouser.device;

import java.util.List;

/// Makes devices of one type by name; found with [java.util.ServiceLoader].
///
/// A provider module declares `provides DeviceProvider with ...` in its `module-info` and, for
/// users on the class path, names the class in `META-INF/services` too.
///
/// @param <S> the settings, a public record whose components have a [Setting] annotation each;
///   types: `String`, `int`, `long`, `boolean`, `double`, enums, `java.nio.file.Path`, `Duration`,
///   [Variants]
public interface DeviceProvider<S extends Record> {
    /// The type's name, as in `serve NAME`: lower case letters, digits and dashes.
    String name();

    /// One sentence that says what the device is.
    String description();

    /// The settings that apply where the user gives none; its class tells which settings there are.
    S defaults();

    /// The kinds that a component of type [Variants] can name, each with its defaults.
    ///
    /// @param component the name of the record component
    default List<Variant> variants(String component) {
        return List.of();
    }

    /// A new device.
    ///
    /// @throws IllegalArgumentException for settings that do not go together; the message names the
    ///   setting, its value and what was expected
    Device create(S settings);
}
