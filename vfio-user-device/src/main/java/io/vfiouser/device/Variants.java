package io.vfiouser.device;

import java.util.List;
import java.util.stream.Collectors;

/// A setting that names kinds of things which have settings of their own; may be a component of a
/// [DeviceProvider]'s settings record.
///
/// Users write the names with commas between them, and the settings of the named kinds beside the
/// device's own: `backend=file`, `path=disk.img`. [DeviceProvider#variants] says which kinds there
/// are.
///
/// @param chosen what was named, in that order; may be empty
public record Variants(List<Variant> chosen) {
    /// Copies the list.
    public Variants {
        chosen = List.copyOf(chosen);
    }

    /// Just these.
    public static Variants of(Variant... chosen) {
        return new Variants(List.of(chosen));
    }

    /// The only one.
    ///
    /// @param key the setting, for the message
    /// @throws IllegalArgumentException if there is none, or more than one
    public Variant only(String key) {
        if (chosen.size() != 1) {
            throw new IllegalArgumentException(
                    key + ": " + chosen.size() + " names (expected: one name)");
        }
        return chosen.getFirst();
    }

    /// The names with commas between them.
    @Override
    public String toString() {
        return chosen.stream().map(Variant::name).collect(Collectors.joining(","));
    }
}
