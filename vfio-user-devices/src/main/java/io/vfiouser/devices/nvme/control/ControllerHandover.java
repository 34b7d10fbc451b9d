package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.os.FdBundle;

/// A controller that goes on in another process: its [Snapshot], with the storage's files.
/// Doorbells in memory stay as the host leaves them, who goes on ringing meanwhile.
///
/// @param state saves as for migration, and loads without a write to the host's doorbells
/// @param backend the storage
record ControllerHandover(Migratable state, BlockBackend backend) implements Handover {
    @Override
    public StateSource save() {
        return state.save(SavePhase.STOP_COPY);
    }

    @Override
    public StateSink load() {
        return state.load();
    }

    @Override
    public FdBundle files() {
        return backend.handOver();
    }

    @Override
    public void takeFiles(FdBundle files) {
        backend.takeOver(files);
    }
}
