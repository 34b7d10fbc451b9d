package io.vfiouser.device;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import java.util.Optional;

/// A PCI device as a bean: what it looks like ([#layout()]), and what it does when clients come, go
/// and reset it.
///
/// One device serves one client at a time. Every callback of one device, its region handlers'
/// included, runs on that device's event loop, one at a time, so plain fields are safe and no locks
/// are needed. A callback must not block; work over about 100 microseconds is handed to another
/// thread and returned as [Completion#after]. Code on other threads comes back with
/// [DeviceContext#execute]. Whatever a callback throws becomes an error reply to the client
/// ([io.vfiouser.device.outcome.DeviceException] chooses its errno, all else is `EIO`); the device
/// and its neighbours stay in service.
///
/// A device outlives its clients: state in its fields stays from one to the next unless [#reset]
/// drops it.
public interface Device extends AutoCloseable {
    /// What clients see of the device: ids, regions, capabilities, interrupts. Called once, before
    /// the device is served.
    DeviceLayout layout();

    /// How the device's state is saved and loaded, if the device can migrate. Called before the
    /// device is served, and by [#handover()].
    default Optional<Migratable> migratable() {
        return Optional.empty();
    }

    /// How the device goes on in another process while its client stays connected, if it can: as it
    /// migrates, unless it says otherwise. May be called at any time while the device is served.
    default Optional<Handover> handover() {
        return migratable().map(Handover::of);
    }

    /// The device that does the work: another one if this one only stands before it, as filters do.
    /// [DeviceContext#log()] is in the name of its class. Called before the device is served.
    default Device innermost() {
        return this;
    }

    /// A client has connected and negotiated. The context, and all that comes from it, is for this
    /// client, until [#detach()].
    default void attach(DeviceContext context) {}

    /// The client has gone. Its memory and interrupts are released already; the context is dead.
    default void detach() {}

    /// Puts the registers back to what they are after power-on.
    ///
    /// [ResetReason#CLIENT_GONE] comes before [#detach()].
    default Completion reset(ResetReason reason) {
        return Completion.DONE;
    }

    /// Stop using client memory: finish or hold what runs, close every lease. The client's command
    /// (an unmap, a reset, its leaving) goes on when the completion is done; if it fails, the
    /// command gets that error. [#resume()] follows in any case, unless the client has gone; for a
    /// device that is being stopped for migration ([Migratable#stop]), once it is started again.
    default Completion quiesce() {
        return Completion.DONE;
    }

    /// The command that needed quiet is done; held work may go on.
    default void resume() {}

    /// The client has made memory known (spec: "VFIO_USER_DMA_MAP").
    default void memoryMapped(DmaRange range) {}

    /// The client takes memory back, or has gone. The device is quiet; the range can no longer be
    /// leased.
    default void memoryUnmapped(DmaRange range) {}

    /// The device is taken out of service for good; releases what it owns. Clients are gone by
    /// then.
    @Override
    default void close() {}
}
