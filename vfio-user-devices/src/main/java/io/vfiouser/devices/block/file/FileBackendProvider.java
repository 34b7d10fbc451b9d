package io.vfiouser.devices.block.file;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockBackendProvider;
import java.nio.file.Path;

/// Makes [FileBackend]s, by the name `file`.
public final class FileBackendProvider implements BlockBackendProvider<FileSettings> {
    /// For `ServiceLoader`.
    public FileBackendProvider() {}

    @Override
    public String name() {
        return "file";
    }

    @Override
    public String description() {
        return "blocks in a file or on a block device";
    }

    @Override
    public FileSettings defaults() {
        return FileSettings.of(Path.of(""));
    }

    @Override
    public BlockBackend open(FileSettings settings) {
        if (settings.path().toString().isEmpty()) {
            throw new IllegalArgumentException(
                    "path: not set (expected: a file or block device, as in path=disk.img)");
        }
        return FileBackend.open(settings);
    }
}
