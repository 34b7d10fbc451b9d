package io.vfiouser.cli.types;

import java.util.List;

/// Settings that come along with a choice.
///
/// @param choice the choice, as it is written: `backend=file`
/// @param settings may be empty
public record SettingGroup(String choice, List<SettingSpec> settings) {
    /// Copies the list.
    public SettingGroup {
        settings = List.copyOf(settings);
    }
}
