package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;

/// A device that goes to another process as it goes to another machine.
///
/// @param device saves and loads
record MigratableHandover(Migratable device) implements Handover {
    @Override
    public Completion stop() {
        return device.stop();
    }

    @Override
    public Completion start() {
        return device.start();
    }

    @Override
    public StateSource save() {
        return device.save(SavePhase.STOP_COPY);
    }

    @Override
    public StateSink load() {
        return device.load();
    }
}
