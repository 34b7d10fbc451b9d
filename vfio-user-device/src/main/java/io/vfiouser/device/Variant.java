package io.vfiouser.device;

import java.util.Objects;

/// One of several kinds of a thing, with the settings of that kind: `file` with its path, say, as
/// the storage of a disk.
///
/// @param name the kind's name, as in `backend=NAME`: lower case letters, digits and dashes
/// @param settings a record as for a [DeviceProvider]
public record Variant(String name, Record settings) {
    /// Checks that there is a name and a record.
    public Variant {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(settings, "settings");
    }
}
