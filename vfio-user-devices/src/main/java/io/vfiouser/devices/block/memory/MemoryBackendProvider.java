package io.vfiouser.devices.block.memory;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockBackendProvider;

/// Makes [MemoryBackend]s, by the name `memory`.
public final class MemoryBackendProvider implements BlockBackendProvider<MemorySettings> {
    /// For `ServiceLoader`.
    public MemoryBackendProvider() {}

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "blocks in memory, gone when the server ends";
    }

    @Override
    public MemorySettings defaults() {
        return MemorySettings.DEFAULTS;
    }

    @Override
    public BlockBackend open(MemorySettings settings) {
        long most = settings.maxSize() == 0 ? settings.size() : settings.maxSize();
        MemoryBackend backend =
                settings.shared()
                        ? MemoryBackend.createShared(settings.size(), most)
                        : MemoryBackend.create(settings.size(), most);
        return settings.hugePages() ? backend.preferHugePages() : backend;
    }
}
