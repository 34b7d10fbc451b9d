package io.vfiouser.server.migration;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.Device;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The migration state of one device, and the way from each state to each other (spec:
/// "VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE").
///
/// A change of state is a chain of arcs, each of which calls the device once; a device that refuses
/// one stays in the state that it has reached. ERROR is for a device that cannot get back: one that
/// stopped, could not be saved, and does not start again; one whose `stop`, `start` or `finish`
/// ended in something other than a refusal; one that is stopped and cannot be reset.
///
/// Requests come one at a time, each when the one before is done, and the device is quiet during
/// [#change], [#reset] and [#release]. Belongs to the device's loop and outlives clients, but not
/// their migration: see [#release].
public final class MigrationMachine {
    private static final int AREA_UNIT = 4096;
    private static final int MAX_AREA = 1 << 30;

    private final LoopCompletions completions;
    private final MigrationListener listener;
    private @Nullable MigrationArcs arcs;
    private boolean resetInPreCopy;

    /// A device that is running. Without [Device#migratable] it stays so.
    ///
    /// @param onLoop gives a completion that is done on the device's loop when its argument is done
    public MigrationMachine(
            Device device, UnaryOperator<Completion> onLoop, MigrationListener listener) {
        this(device, Migratable::load, onLoop, listener);
    }

    /// The same with another way to begin a load.
    ///
    /// @param loader opens the stream that takes the state of another device
    public MigrationMachine(
            Device device,
            Function<Migratable, StateSink> loader,
            UnaryOperator<Completion> onLoop,
            MigrationListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        this.completions = new LoopCompletions(onLoop);
        this.arcs =
                device.migratable()
                        .map(MigrationMachine::checked)
                        .map(migratable ->
                                new MigrationArcs(migratable, loader, completions, listener))
                        .orElse(null);
    }

    /// Whether the device can migrate at all.
    public boolean isSupported() {
        return arcs != null;
    }

    /// Whether the device can be saved while it runs.
    public boolean hasPreCopy() {
        return arcs != null && arcs.device().preCopy();
    }

    /// Bytes of state that a client of the legacy dialect gives or takes at a time.
    ///
    /// @throws RequestRejectedException `EINVAL` if the device cannot migrate
    public int legacyAreaSize() {
        return supported().device().legacyAreaSize();
    }

    /// Where the device is.
    public MigrationState state() {
        return arcs == null ? MigrationState.RUNNING : arcs.state();
    }

    /// Whether the device can go on in another process: it runs, is stopped, or is broken; no
    /// stream is open.
    public boolean isBetweenStreams() {
        return switch (state()) {
            case RUNNING, STOP, ERROR -> arcs == null || !arcs.isChanging();
            default -> false;
        };
    }

    /// Takes over the state that the device had in another process, where [#isBetweenStreams()] was
    /// true; the device is there already.
    public void restore(MigrationState state) {
        if (arcs != null) {
            arcs.enter(state);
        }
    }

    /// The device was given up: its code is not called any more, and it cannot migrate.
    public void giveUp() {
        MigrationArcs device = arcs;
        arcs = null;
        if (device != null) {
            device.giveUp();
        }
    }

    /// Whether the device has been stopped and must stay quiet.
    public boolean isStopped() {
        return arcs != null && arcs.isStopped();
    }

    /// Takes the device to a state. To be there already is success, without a call of the device.
    ///
    /// @return done on the loop when the device is there; if it is done with the device's error,
    ///   the device is where the last arc that succeeded has led, or in ERROR
    /// @throws RequestRejectedException `EINVAL` if no way leads there, or the device cannot
    ///   migrate, or has no PRE_COPY
    public Completion change(MigrationState target) {
        MigrationArcs device = supported();
        MigrationState from = device.state();
        boolean reachable =
                target == from
                        ? target != MigrationState.ERROR
                        : MigrationPath.firstHop(from, target).isPresent();
        if (!reachable) {
            throw refused("device_state: " + target, "a state that can be reached from " + from);
        }
        if (target == MigrationState.PRE_COPY) {
            if (!device.device().preCopy()) {
                throw refused("device_state: " + target, "a device that can be saved as it runs");
            }
            if (from == MigrationState.PRE_COPY && resetInPreCopy) {
                device.openSource(SavePhase.PRE_COPY);
            }
        }
        resetInPreCopy = false;
        return walk(device, target);
    }

    /// Reads the next saved bytes.
    ///
    /// @param into to be filled from its start; must stay valid until the completion is done
    /// @throws RequestRejectedException `EINVAL` unless state can be read in this state, `EIO` if
    ///   an earlier read has lost bytes
    public StateRead read(MemorySegment into) {
        return saving().read(into);
    }

    /// How many saved bytes are left to read, as far as the device can say.
    ///
    /// @throws RequestRejectedException `EINVAL` unless state can be read in this state
    public long remaining() {
        return saving().remaining();
    }

    /// Hands the next bytes to load to the device.
    ///
    /// @param from must stay valid until the completion is done
    /// @return done on the loop
    /// @throws RequestRejectedException `EINVAL` unless state can be written in this state, `EIO`
    ///   if an earlier write has lost bytes
    public Completion write(MemorySegment from) {
        LoadingStream stream = supported().loading();
        if (stream == null) {
            throw refused("migration state: " + state(), "RESUMING");
        }
        return stream.write(from);
    }

    /// Resets the device because its client asks for it.
    ///
    /// A stopped device runs afterwards, which is the way out of ERROR. In PRE_COPY the state stays
    /// and the stream goes on, so that a guest that reboots does not break its own migration; to
    /// ask for PRE_COPY then starts the stream over, for a client that takes the reset to have
    /// ended it.
    ///
    /// @param deviceReset resets the device, its config space, and what else it has
    /// @return done on the loop
    public Completion reset(Supplier<Completion> deviceReset) {
        MigrationArcs device = arcs;
        if (device == null || !device.isStopped()) {
            resetInPreCopy = state() == MigrationState.PRE_COPY;
            return completions.run(deviceReset, _ -> {});
        }
        device.dropStreams();
        return completions
                .run(deviceReset, _ -> device.enter(MigrationState.ERROR))
                .then(device::startAfterReset);
    }

    /// Resets the device because its client has gone. A change of state that is still under way
    /// then, as the device never ended it, is cut off: what it does later leads nowhere.
    ///
    /// The next client finds it running: it cannot know how far the last one had come, and most
    /// take a device that they connect to for a running one. What was being saved or loaded is
    /// dropped, as the reset drops the state of the device.
    ///
    /// @param deviceReset as for [#reset]; a stopped device is started even if this fails
    /// @return done on the loop
    public Completion release(Supplier<Completion> deviceReset) {
        MigrationArcs device = arcs;
        if (device == null) {
            return completions.run(deviceReset, _ -> {});
        }
        boolean running = !device.isStopped() && !device.isChanging();
        MigrationArcs next = device.succeed();
        arcs = next;
        if (running) {
            next.enter(MigrationState.RUNNING);
            return completions.run(deviceReset, _ -> {});
        }
        return completions.runBefore(
                next::startAfterReset, deviceReset, error -> listener.deviceFailed("reset", error));
    }

    private static Migratable checked(Migratable device) {
        int size = device.legacyAreaSize();
        if (size < AREA_UNIT || size > MAX_AREA || size % AREA_UNIT != 0) {
            throw new IllegalArgumentException(
                    "legacyAreaSize: %d (expected: a multiple of %d, at most %d)"
                            .formatted(size, AREA_UNIT, MAX_AREA));
        }
        return device;
    }

    private static Completion walk(MigrationArcs device, MigrationState target) {
        if (device.state() == target) {
            return Completion.DONE;
        }
        MigrationState next = MigrationPath.firstHop(device.state(), target).orElseThrow();
        return device.follow(next).then(() -> walk(device, target));
    }

    private SavingStream saving() {
        SavingStream stream = supported().saving();
        if (stream == null) {
            throw refused("migration state: " + state(), "PRE_COPY or STOP_COPY");
        }
        return stream;
    }

    private MigrationArcs supported() {
        if (arcs == null) {
            throw refused("migration: none", "a device that can migrate");
        }
        return arcs;
    }

    private static RequestRejectedException refused(String value, String expected) {
        return new RequestRejectedException(Errno.EINVAL, value + " (expected: " + expected + ")");
    }
}
