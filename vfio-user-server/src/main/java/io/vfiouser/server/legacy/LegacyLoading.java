package io.vfiouser.server.legacy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.migration.MigrationMachine;
import java.lang.foreign.MemorySegment;

/// State on its way from a legacy client, through the data area of the migration region.
final class LegacyLoading {
    private final MigrationMachine migration;
    private final MemorySegment area;
    private long lastSize;

    LegacyLoading(MigrationMachine migration, MemorySegment area) {
        this.migration = migration;
        this.area = area;
    }

    /// Loads the first `size` bytes of the area. They are copied before, as the client may have the
    /// area mapped and change them any time.
    ///
    /// @param size unsigned
    Completion load(long size) {
        if (Long.compareUnsigned(size, area.byteSize()) > 0) {
            throw LegacyCommands.refused(
                    "data_size: 0x%x (expected: at most 0x%x, the data area)"
                            .formatted(size, area.byteSize()));
        }
        var copy = MemorySegment.ofArray(new byte[(int) size]);
        MemorySegment.copy(area, 0, copy, 0, size);
        return migration
                .write(copy.asReadOnly())
                .then(() -> {
                    lastSize = size;
                    return Completion.DONE;
                });
    }

    /// What data_size reads.
    long lastSize() {
        return lastSize;
    }

    void restart() {
        lastSize = 0;
    }
}
