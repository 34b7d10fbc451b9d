package io.vfiouser.devices.testdev;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.region.MemoryRegion;

/// A [TestDevice] that goes on in another process takes its trapped memory along; the server sees
/// to BAR1. It does not migrate, and clients are told so.
///
/// @param page BAR0
/// @param bellPage of BAR2
record TestDeviceHandover(MemoryRegion page, MemoryRegion bellPage) implements Handover {
    @Override
    public StateSource save() {
        return StateSource.of(page.segment(), bellPage.segment());
    }

    @Override
    public StateSink load() {
        return StateSink.into(() -> {}, page.segment(), bellPage.segment());
    }
}
