package io.vfiouser.server.session;

import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.state.SavedState;
import io.vfiouser.server.state.StateDirectory;
import io.vfiouser.server.state.StateException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state of a device between a planned stop and the next start. Belongs to the loop; files are
/// read and written on other threads.
///
/// A device that begins with a state stays stopped until its first client is there
/// ([DeviceCode#startForClient]): nothing happens that nobody hears of. Its file is removed before
/// clients can connect, so that no state is ever used twice.
public final class KeptState {
    private static final Logger LOG = LoggerFactory.getLogger(KeptState.class);

    private final DeviceHost host;
    private final StateDirectory directory;
    private final Migratable device;
    private boolean owned;
    private boolean wanted;
    private boolean beforeReset;
    private boolean saved;
    private @Nullable Throwable failure;

    /// @throws StateException unless the directory is there
    KeptState(DeviceHost host, Path path) {
        this.host = host;
        this.directory = StateDirectory.at(path);
        this.device =
                host.device()
                        .migratable()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "state: device without Migratable (expected: one whose"
                                                + " state can be saved, or no state directory)"));
        LOG.debug("[{}] state in {}", host.name(), directory.file(host.name()));
    }

    /// Gives the device the state that is kept for it, if there is one, and forgets the file.
    ///
    /// @return done on the loop
    public CompletableFuture<@Nullable Void> restore() {
        var restored = new CompletableFuture<@Nullable Void>();
        var read =
                CompletableFuture.supplyAsync(
                        () -> directory.read(host.name()), Thread::startVirtualThread);
        var _ =
                read.thenCompose(file -> file.map(this::load).orElseGet(KeptState::nothing))
                        .whenComplete((_, error) ->
                                host.onLoop(() -> {
                                    if (error == null) {
                                        owned = true;
                                        restored.complete(null);
                                    } else {
                                        restored.completeExceptionally(error);
                                    }
                                }));
        return restored;
    }

    /// The device has come with its state from another process.
    public void takenOver() {
        owned = true;
    }

    /// The device is being taken out of service: it is to be saved.
    ///
    /// @param beforeReset whether a client that is there goes for that reason; one that has left by
    ///   itself leaves a device that is reset
    public void want(boolean beforeReset) {
        wanted = owned;
        this.beforeReset = beforeReset;
    }

    /// Saves a quiet device whose client goes, if that is why it goes.
    ///
    /// @param obstacle why the device's state cannot be relied on, if so
    /// @return done on the loop; errors are told by [#finish]
    Completion saveBeforeReset(Optional<String> obstacle) {
        if (!wanted || !beforeReset) {
            return Completion.DONE;
        }
        saved = true;
        return attempt(() -> {
            if (obstacle.isPresent()) {
                throw new IllegalStateException(obstacle.get());
            }
            return save();
        });
    }

    /// Saves the device if it is to be and was not yet; no client is there any more.
    ///
    /// @return done on the loop, with what has gone wrong, now or before
    public CompletableFuture<@Nullable Void> finish() {
        Completion done = Completion.DONE;
        if (wanted && !saved) {
            saved = true;
            done = attempt(() -> host.code().quiet().then(this::save));
        }
        var finished = new CompletableFuture<@Nullable Void>();
        DeviceTasks.then(
                host.loop(),
                done,
                _ -> {
                    if (failure == null) {
                        finished.complete(null);
                    } else {
                        finished.completeExceptionally(failure);
                    }
                });
        return finished;
    }

    private CompletableFuture<@Nullable Void> load(SavedState state) {
        var loaded = new CompletableFuture<@Nullable Void>();
        host.code()
                .later(() -> {
                    Completion done;
                    try {
                        done = apply(state);
                    } catch (Throwable thrown) {
                        done = Completion.after(CompletableFuture.failedFuture(thrown));
                    }
                    DeviceTasks.then(
                            host.loop(),
                            done,
                            error -> {
                                if (error == null) {
                                    loaded.complete(null);
                                } else {
                                    loaded.completeExceptionally(
                                            directory.unusable(
                                                    host.name(),
                                                    String.valueOf(error.getMessage()),
                                                    error));
                                }
                            });
                });
        return loaded.thenCompose(_ -> forget());
    }

    private CompletableFuture<@Nullable Void> forget() {
        return CompletableFuture.supplyAsync(
                () -> {
                    directory.remove(host.name());
                    LOG.info(
                            "[{}] goes on with what was in {}",
                            host.name(),
                            directory.file(host.name()));
                    return null;
                },
                Thread::startVirtualThread);
    }

    private Completion apply(SavedState state) {
        if (!state.shape().equals(host.shape())) {
            throw new IllegalArgumentException(
                    "state of %s (expected: %s with the same regions, interrupts and config space)"
                            .formatted(state.device(), kind()));
        }
        return host.code()
                .quiet()
                .then(() -> host.migration().change(MigrationState.STOP))
                .then(() -> StateBytes.write(host.loop(), device.load(), state.state()))
                .then(() -> {
                    host.functions().restore(state.functions());
                    return Completion.DONE;
                });
    }

    private Completion save() {
        MigrationState state = host.migration().state();
        if (host.givenUp().isPresent()) {
            throw new IllegalStateException("device: given up (expected: one that works)");
        }
        boolean whole = state == MigrationState.RUNNING || state == MigrationState.STOP;
        if (!whole || !host.migration().isBetweenStreams()) {
            throw new IllegalStateException(
                    "migration state: %s (expected: RUNNING or STOP)".formatted(state));
        }
        return host.migration().change(MigrationState.STOP).then(this::write);
    }

    private Completion write() {
        var bytes = new StateBytes(host.loop(), device.save(SavePhase.STOP_COPY));
        return bytes.read()
                .then(() -> {
                    var state =
                            new SavedState(
                                    kind(), host.shape(), host.functions().save(), bytes.bytes());
                    return DeviceTasks.onLoop(
                            host.loop(),
                            Completion.after(
                                    CompletableFuture.runAsync(
                                            () -> directory.write(host.name(), state),
                                            Thread::startVirtualThread)));
                })
                .then(() -> {
                    LOG.info("[{}] state kept in {}", host.name(), directory.file(host.name()));
                    return Completion.DONE;
                });
    }

    /// Runs what saves, however it ends.
    private Completion attempt(Supplier<Completion> work) {
        Completion done;
        try {
            done = work.get();
        } catch (Throwable thrown) {
            failed(thrown);
            return Completion.DONE;
        }
        return DeviceTasks.onLoop(host.loop(), done).recover(this::failed);
    }

    private void failed(Throwable error) {
        failure =
                error instanceof StateException
                        ? error
                        : new IllegalStateException(
                                "state: not kept: " + error.getMessage(), error);
        LOG.error("[{}] state: not kept: {}", host.name(), error.getMessage());
    }

    private String kind() {
        return "PCI device " + host.layout().id();
    }

    private static CompletableFuture<@Nullable Void> nothing() {
        return CompletableFuture.completedFuture(null);
    }
}
