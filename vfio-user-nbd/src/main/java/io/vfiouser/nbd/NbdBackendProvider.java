package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockBackendProvider;

/// Makes [NbdBackend]s, by the name `nbd`.
public final class NbdBackendProvider implements BlockBackendProvider<NbdSettings> {
    /// For `ServiceLoader`.
    public NbdBackendProvider() {}

    @Override
    public String name() {
        return "nbd";
    }

    @Override
    public String description() {
        return "blocks on an NBD server";
    }

    @Override
    public NbdSettings defaults() {
        return NbdSettings.of("nbd://localhost/");
    }

    @Override
    public BlockBackend open(NbdSettings settings) {
        return NbdBackend.connect(settings);
    }
}
