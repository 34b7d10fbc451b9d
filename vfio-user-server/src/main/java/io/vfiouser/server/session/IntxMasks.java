package io.vfiouser.server.session;

import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.pci.ConfigSpaceEngine;
import io.vfiouser.server.pci.VectorMasks;

/// INTx as config space has it: the command register's disable bit masks it, the status register's
/// interrupt bit shows it.
///
/// @param config asked on any thread, written on the loop
/// @param loop the device's
record IntxMasks(ConfigSpaceEngine config, DeviceLoop loop) implements VectorMasks {
    @Override
    public boolean masked(int vector) {
        return config.intxDisabled();
    }

    @Override
    public boolean pending(int vector) {
        return false;
    }

    @Override
    public void showPending(int vector, boolean pending) {
        loop.runOrExecute(() -> config.setInterruptStatus(pending));
    }
}
