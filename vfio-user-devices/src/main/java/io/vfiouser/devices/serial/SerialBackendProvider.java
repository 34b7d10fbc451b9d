package io.vfiouser.devices.serial;

/// Makes backends of one type by name; found with [java.util.ServiceLoader].
///
/// A provider module declares `provides SerialBackendProvider with ...` in its `module-info` and,
/// for users on the class path, names the class in `META-INF/services` too.
///
/// @param <S> the settings, a public record as for a [io.vfiouser.device.DeviceProvider], each
///   component described by a [io.vfiouser.device.Setting]
public interface SerialBackendProvider<S extends Record> {
    /// The type's name, as in `backend=NAME`: lower case letters, digits and dashes.
    String name();

    /// One sentence that says what is on the other end.
    String description();

    /// The settings that apply where the user gives none; its class tells which settings there are.
    S defaults();

    /// A new backend, which nobody has opened yet. What can be refused is refused here: a socket is
    /// bound, a file open. May block, so it is not called on a loop.
    ///
    /// @throws IllegalArgumentException for settings that do not go together or name something that
    ///   is not there; the message names the setting, its value and what was expected
    SerialBackend create(S settings);
}
