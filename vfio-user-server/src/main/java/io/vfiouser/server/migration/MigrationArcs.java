package io.vfiouser.server.migration;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A device that can migrate: the state it is in, the streams that are open, and the direct arcs
/// between states.
///
/// The completion of an arc is done on the loop, when the state is the new one. If the device
/// refuses, the state stays; if it fails otherwise in `stop`, `start` or `finish`, it is ERROR.
final class MigrationArcs {
    private final Migratable device;
    private final Function<Migratable, StateSink> loader;
    private final LoopCompletions completions;
    private final MigrationListener listener;
    private MigrationState state = MigrationState.RUNNING;
    private @Nullable SavingStream saving;
    private @Nullable LoadingStream loading;
    private boolean changing;
    private boolean over;

    /// A device that is running.
    MigrationArcs(
            Migratable device,
            Function<Migratable, StateSink> loader,
            LoopCompletions completions,
            MigrationListener listener) {
        this.device = device;
        this.loader = loader;
        this.completions = completions;
        this.listener = listener;
    }

    /// The same device for the next client, in the same state but without streams; this object is
    /// over, and calls of the device that it still waits for lead nowhere.
    MigrationArcs succeed() {
        dropStreams();
        over = true;
        var successor = new MigrationArcs(device, loader, completions, listener);
        successor.state = state;
        return successor;
    }

    /// Leaves streams and device alone for ever; calls of it that have not ended lead nowhere.
    void giveUp() {
        over = true;
        saving = null;
        loading = null;
    }

    Migratable device() {
        return device;
    }

    MigrationState state() {
        return state;
    }

    /// Whether the device has been stopped and must stay quiet.
    boolean isStopped() {
        return state != MigrationState.RUNNING && state != MigrationState.PRE_COPY;
    }

    /// Whether a call that changes the device has not ended yet.
    boolean isChanging() {
        return changing;
    }

    /// There in PRE_COPY and STOP_COPY.
    @Nullable SavingStream saving() {
        return saving;
    }

    /// There in RESUMING.
    @Nullable LoadingStream loading() {
        return loading;
    }

    /// Follows one direct arc.
    ///
    /// @param next the other end of an arc from this state
    Completion follow(MigrationState next) {
        return switch (state) {
            case RUNNING -> next == MigrationState.STOP ? stop() : save(SavePhase.PRE_COPY);
            case PRE_COPY -> next == MigrationState.RUNNING ? endSaving(next) : stopAndSave();
            case STOP_COPY -> endSaving(next);
            case STOP ->
                    switch (next) {
                        case RUNNING -> start();
                        case RESUMING -> load();
                        default -> save(SavePhase.STOP_COPY);
                    };
            case RESUMING -> finishLoading();
            case ERROR, RUNNING_P2P, PRE_COPY_P2P -> throw new AssertionError(state);
        };
    }

    /// Opens the stream of a phase anew, from its beginning.
    void openSource(SavePhase phase) {
        StateSource source = device.save(phase);
        closeSource();
        saving = new SavingStream(source, completions);
    }

    /// Ends the streams without a word to the client; the state is the caller's to change.
    void dropStreams() {
        closeSource();
        LoadingStream current = loading;
        loading = null;
        if (current != null) {
            guarded("StateSink.abort", current::abort);
        }
    }

    /// Starts a device that was stopped and has been reset; there is no going back.
    Completion startAfterReset() {
        return change(device::start, _ -> enter(MigrationState.ERROR))
                .then(() -> arrive(MigrationState.RUNNING));
    }

    void enter(MigrationState next) {
        MigrationState previous = state;
        if (next == previous || over) {
            return;
        }
        state = next;
        if (next == MigrationState.ERROR) {
            dropStreams();
        }
        listener.stateChanged(previous, next);
    }

    private Completion stop() {
        return attempt(device::stop).then(() -> arrive(MigrationState.STOP));
    }

    private Completion start() {
        return attempt(device::start).then(() -> arrive(MigrationState.RUNNING));
    }

    private Completion save(SavePhase phase) {
        openSource(phase);
        return arrive(
                phase == SavePhase.PRE_COPY ? MigrationState.PRE_COPY : MigrationState.STOP_COPY);
    }

    private Completion stopAndSave() {
        return attempt(device::stop)
                .then(() -> {
                    try {
                        return save(SavePhase.STOP_COPY);
                    } catch (Throwable thrown) {
                        return startAgain(thrown);
                    }
                });
    }

    /// The device has stopped and could not be saved: back to PRE_COPY, whose stream is still open.
    private Completion startAgain(Throwable reason) {
        return change(
                        device::start,
                        error -> {
                            listener.deviceFailed("start", error);
                            enter(MigrationState.ERROR);
                        })
                .then(() -> Completion.after(CompletableFuture.failedStage(reason)));
    }

    private Completion endSaving(MigrationState next) {
        closeSource();
        return arrive(next);
    }

    private Completion load() {
        loading = new LoadingStream(loader.apply(device), completions);
        return arrive(MigrationState.RESUMING);
    }

    private Completion finishLoading() {
        LoadingStream stream = Objects.requireNonNull(loading);
        return attempt(stream::finish)
                .then(() -> {
                    loading = null;
                    return arrive(MigrationState.STOP);
                });
    }

    private Completion arrive(MigrationState next) {
        enter(next);
        return Completion.DONE;
    }

    /// Runs a call that changes the device, after which it is either changed or as it was, or
    /// broken.
    private Completion attempt(Supplier<Completion> deviceCall) {
        return change(
                deviceCall,
                error -> {
                    if (!isRefusal(error)) {
                        enter(MigrationState.ERROR);
                    }
                });
    }

    /// Runs a call that changes the device; nothing that waits for it goes on after the end of its
    /// client.
    private Completion change(Supplier<Completion> deviceCall, Consumer<Throwable> onFailure) {
        changing = true;
        Consumer<Throwable> failed =
                error -> {
                    changing = false;
                    onFailure.accept(error);
                };
        return completions
                .run(deviceCall, failed)
                .then(() -> {
                    changing = false;
                    checkNotOver();
                    return Completion.DONE;
                });
    }

    private void checkNotOver() {
        if (over) {
            throw new DeviceException(
                    Errno.ENOTCONN, "session: ended (expected: a client to be attached)");
        }
    }

    private static boolean isRefusal(Throwable error) {
        return error instanceof DeviceException || error instanceof RequestRejectedException;
    }

    private void closeSource() {
        SavingStream current = saving;
        saving = null;
        if (current != null) {
            guarded("StateSource.close", current::close);
        }
    }

    private void guarded(String where, Runnable deviceCode) {
        try {
            deviceCode.run();
        } catch (Throwable thrown) {
            listener.deviceFailed(where, thrown);
        }
    }
}
