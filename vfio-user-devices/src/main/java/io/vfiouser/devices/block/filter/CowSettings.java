package io.vfiouser.devices.block.filter;

import io.vfiouser.device.Setting;
import java.nio.file.Path;

/// The settings of the `cow` filter.
///
/// @param cowDirectory where the sparse file with the changes is made; `/` for memory
public record CowSettings(
        @Setting("directory of the sparse file with the changes; /: keep them in memory")
                Path cowDirectory) {
    /// Changes are kept in memory.
    public static final CowSettings IN_MEMORY = new CowSettings(Path.of("/"));

    /// Whether changes are kept in memory.
    public boolean isInMemory() {
        return equals(IN_MEMORY);
    }
}
