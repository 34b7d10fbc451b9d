package io.vfiouser.devices.block;

/// Makes filters of one type by name; found with [java.util.ServiceLoader], like
/// [BlockBackendProvider]s. A filter is a backend that stands before another.
///
/// @param <S> the settings, a public record as for a [io.vfiouser.device.DeviceProvider]; their
///   names begin with the filter's name, so that they go together with those of other filters
public interface BlockFilterProvider<S extends Record> {
    /// The type's name, as in `filters=NAME`: lower case letters, digits and dashes.
    String name();

    /// One sentence that says what the filter does.
    String description();

    /// The settings that apply where the user gives none; its class tells which settings there are.
    S defaults();

    /// A new filter. May block, so it is not called on a loop.
    ///
    /// @param lower belongs to the result, which closes it; but not if this throws
    /// @throws IllegalArgumentException for settings that do not go together or name something that
    ///   is not there; the message names the setting, its value and what was expected
    BlockBackend apply(BlockBackend lower, S settings);
}
