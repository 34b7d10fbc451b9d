package io.vfiouser.device;

import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;

/// What the server lends to a device while a client is attached.
public interface DeviceContext {
    /// What a device starts with before a client attaches: interrupts that nobody listens to, no
    /// client memory, a config space that reads as all ones. Tasks are dropped.
    DeviceContext UNATTACHED = new UnattachedContext();

    /// The name under which the device is served; for logs.
    String name();

    /// The log of this device: lines begin with the device's name, and those of level INFO and
    /// above are so many a second (limit `maxLogLinesPerSecond`, shared with what the server tells
    /// of the device), so that a guest can cause as many as it likes. Those left out are counted,
    /// and a later line says how many. Its logger has the name of the device's class. It may be
    /// kept, for work that outlives the client; that of [#UNATTACHED] has neither name nor limit.
    /// Callable from any thread.
    Logger log();

    /// One interrupt.
    ///
    /// @param subindex the vector, 0 to the layout's count for that type - 1
    /// @throws IllegalArgumentException if the layout has no such interrupt
    IrqLine irq(IrqIndex index, int subindex);

    /// The interrupt that the driver listens to: vector `vector` of MSI-X if the client has armed
    /// that, else of MSI, else INTx for vector 0. It is found anew at each use, so it may be taken
    /// once in [Device#attach].
    ///
    /// @param vector at least 0; one that no armed type has is never armed
    IrqLine interrupt(int vector);

    /// Interrupts as messages, if the client takes them: those of the legacy dialect do, those of
    /// today have eventfds only.
    Optional<InterruptMessages> interruptMessages();

    /// Has `listener` told when the client masks or unmasks interrupts of a type; in place of the
    /// one from an earlier call. Clients cannot mask ERR and REQ. Belongs to the device's loop.
    void watchMasks(IrqIndex index, IrqMaskListener listener);

    /// Lets the client signal an eventfd in place of writes to one place of a region, usually from
    /// [Device#attach], so that it is there when the client asks for it.
    ///
    /// Most clients never ask, and their writes go on to come to the region's handler. `rung` runs
    /// on the device's loop, as handlers do; several signals between two calls are one. What it
    /// throws is logged. The eventfd belongs to the server; it rings until the doorbell is removed,
    /// or the client gone. Belongs to the device's loop.
    ///
    /// @param region 0 to 5 for a BAR, 8 for the VGA window
    /// @param rung takes [Doorbell#value()]; never called for a silent doorbell
    /// @return takes the doorbell away
    /// @throws IllegalArgumentException if the region is not writable or not that large, if clients
    ///   can map the place, if there is a doorbell that the same write rings, or if there are too
    ///   many (4096)
    Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung);

    /// The client's memory.
    GuestMemory memory();

    /// The device's own view of its config space.
    ConfigSpace config();

    /// Runs `task` on the device's loop, soon. Callable from any thread.
    ///
    /// A task that is handed in by another one runs in a later turn of the loop, so that long work
    /// which is cut into tasks lets other devices go on in between. Tasks still waiting when the
    /// client has gone ([Device#detach]) are dropped; until then they run, also while the device
    /// becomes quiet.
    void execute(Runnable task);

    /// Whether the calling thread is the device's loop, as it is now: a device can be moved from
    /// one to another, so its thread is nothing to remember. Callable from any thread.
    boolean onLoop();

    /// A task that the device asks for again and again, such as "look at the queues that were
    /// rung". Made once for a client; asking for it costs no object.
    ///
    /// @param work runs on the device's loop, once for all that asked before it begins; at the end
    ///   of the same turn of the loop if it was asked for on the loop, or in a later turn if it
    ///   asks for itself. Dropped when the client goes
    LoopTask loopTask(Runnable work);

    /// Runs `task` on the device's loop once `delay` has passed. Callable from any thread. Dropped
    /// when the client goes.
    ///
    /// @param delay zero or more
    Scheduled schedule(Duration delay, Runnable task);

    /// A task that waits for its time.
    interface Scheduled {
        /// Drops the task unless it has begun.
        void cancel();
    }

    /// A doorbell that a client can ring.
    interface Installed {
        /// Takes it away; nothing happens the second time. A client that has the eventfd already
        /// goes on signalling it, unheard: remove what its driver does not use any more.
        void remove();
    }
}
