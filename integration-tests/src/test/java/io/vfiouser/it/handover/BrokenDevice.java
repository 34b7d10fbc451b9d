package io.vfiouser.it.handover;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.util.Optional;

/// A device that fails at one step of a handover.
final class BrokenDevice implements Device {
    private final Device device;
    private final Fault fault;

    BrokenDevice(Device device, Fault fault) {
        this.device = device;
        this.fault = fault;
    }

    /// Where it fails.
    enum Fault {
        ATTACH,
        SAVE,
        LOAD
    }

    @Override
    public DeviceLayout layout() {
        return device.layout();
    }

    @Override
    public void attach(DeviceContext context) {
        failAt(Fault.ATTACH);
        device.attach(context);
    }

    @Override
    public void detach() {
        device.detach();
    }

    @Override
    public Optional<Handover> handover() {
        Handover sound = device.handover().orElseThrow();
        return Optional.of(
                new Handover() {
                    @Override
                    public StateSource save() {
                        failAt(Fault.SAVE);
                        return sound.save();
                    }

                    @Override
                    public StateSink load() {
                        failAt(Fault.LOAD);
                        return sound.load();
                    }
                });
    }

    @Override
    public void close() {
        device.close();
    }

    private void failAt(Fault here) {
        if (fault == here) {
            throw new DeviceException(Errno.EIO, "broken: " + here + " (expected: for the test)");
        }
    }
}
