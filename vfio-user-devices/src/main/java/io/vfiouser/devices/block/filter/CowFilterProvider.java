package io.vfiouser.devices.block.filter;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockFilterProvider;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes [CowFilter]s, by the name `cow`.
public final class CowFilterProvider implements BlockFilterProvider<CowSettings> {
    private static final int THREADS = 4;

    /// For `ServiceLoader`.
    public CowFilterProvider() {}

    @Override
    public String name() {
        return "cow";
    }

    @Override
    public String description() {
        return "keeps changes in an overlay, gone at the end, and leaves what is below as it is";
    }

    @Override
    public CowSettings defaults() {
        return CowSettings.IN_MEMORY;
    }

    @Override
    public BlockBackend apply(BlockBackend lower, CowSettings settings) {
        long capacity = Math.max(1, lower.properties().capacityBytes());
        BlockBackend overlay =
                settings.isInMemory()
                        ? MemoryBackend.create(capacity)
                        : file(settings.cowDirectory(), capacity);
        try {
            return new CowFilter(lower, overlay);
        } catch (IllegalArgumentException e) {
            overlay.close();
            throw e;
        }
    }

    /// A file whose name is gone as soon as it is open, so that nothing is left behind.
    private static BlockBackend file(Path directory, long capacity) {
        try {
            Path path = Files.createTempFile(directory, "cow-", ".overlay");
            try {
                return sized(path, capacity);
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cow-directory: %s: %s (expected: a directory for a file with the changes)"
                            .formatted(directory, e),
                    e);
        }
    }

    private static BlockBackend sized(Path path, long capacity) {
        var backend =
                FileBackend.open(new FileSettings(path, 0, false, false, true, false, THREADS));
        try {
            backend.resize(capacity);
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }
}
