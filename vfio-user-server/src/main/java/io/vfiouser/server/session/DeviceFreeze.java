package io.vfiouser.server.session;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageWriter;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One device that stops here to go on in another process: until [#over] it can come back by
/// [#thaw], with nothing lost. Belongs to the loop.
///
/// Commands of the client are held, the one at work ends, doorbells and mask eventfds keep what
/// comes, the device becomes quiet, the sockets are left alone, the device is stopped, and all of
/// it is written down.
public final class DeviceFreeze {
    private static final long QUIET_PAUSE_NANOS = 1_000_000;

    private final DeviceHost host;
    private final Consumer<ImageWriter> source;
    private final CompletableFuture<Image> image = new CompletableFuture<>();
    private @Nullable Session session;
    private @Nullable Attachment attachment;
    private @Nullable Handover handover;
    private boolean quieted;
    private boolean stopped;
    private boolean stepping;
    private boolean over;

    /// @param source writes where clients come from
    DeviceFreeze(DeviceHost host, Consumer<ImageWriter> source) {
        this.host = host;
        this.source = source;
    }

    /// Completes with what another process needs, or with why the device cannot go.
    public CompletableFuture<Image> image() {
        return image;
    }

    /// Starts with the first step.
    void begin() {
        if (over) {
            return;
        }
        if (host.isReleasing()) {
            var _ = host.clientGone().whenComplete((_, _) -> host.code().later(this::begin));
            return;
        }
        guarded(() -> {
            handover =
                    host.device()
                            .handover()
                            .orElseThrow(() ->
                                    new ImageException(
                                            "device: without Handover (expected: one whose state"
                                                    + " can go along)"));
            Session current = host.session();
            session = current;
            if (current == null) {
                stop();
            } else {
                current.move().freeze(this::idle);
            }
        });
    }

    /// The device goes on here. Nothing happens after [#over].
    public void thaw() {
        if (over) {
            return;
        }
        over = true;
        image.completeExceptionally(new ImageException("handover: given up"));
        if (attachment != null) {
            attachment.doorbells().resume();
            attachment.irqs().resumeWatches();
        }
        if (!stepping) {
            goOn();
        }
        if (session != null) {
            session.move().thaw();
        }
    }

    /// Another process has the device now; [DeviceHost#letGo] follows.
    public void over() {
        over = true;
    }

    private void idle() {
        if (over || isGone()) {
            return;
        }
        guarded(() -> {
            Attachment current = session == null ? null : session.attachment();
            attachment = current;
            if (current == null) {
                suspend();
                return;
            }
            current.doorbells().suspend();
            current.irqs().suspendWatches();
            quieted = true;
            step(host.code()::quiesce, this::quiet);
        });
    }

    /// Leases are closed by a quiet device, some of them a moment later by another thread.
    private void quiet() {
        if (over || isGone()) {
            return;
        }
        guarded(() -> {
            Attachment current = attachment;
            if (current != null && current.dma().users() > 0) {
                var _ = host.loop().schedule(this::quiet, QUIET_PAUSE_NANOS);
                return;
            }
            if (current != null && !current.peer().isIdle()) {
                throw new ImageException(
                        "DMA messages: under way (expected: none of a device that is quiet)");
            }
            suspend();
        });
    }

    private void suspend() {
        if (session != null) {
            session.move().suspend();
        }
        stop();
    }

    private void stop() {
        if (!host.migration().isBetweenStreams()) {
            throw new ImageException(
                    "migration state: %s (expected: RUNNING, STOP or ERROR)"
                            .formatted(host.migration().state()));
        }
        if (host.migration().state() == MigrationState.RUNNING) {
            stopped = true;
            step(() -> handover().stop(), this::save);
        } else {
            save();
        }
    }

    private void save() {
        if (over) {
            return;
        }
        guarded(() -> {
            if (host.migration().state() == MigrationState.ERROR) {
                write(new byte[0]);
            } else {
                var state = new StateBytes(host.loop(), handover().save());
                step(state::read, () -> guarded(() -> write(state.bytes())));
            }
        });
    }

    private void write(byte[] state) {
        if (over) {
            return;
        }
        try (var out = new ImageWriter();
                FdBundle files = handover().files()) {
            source.accept(out);
            DeviceImage.save(host, out, files, state);
            Image done = out.finish();
            if (!image.complete(done)) {
                done.close();
            }
        }
    }

    private boolean isGone() {
        Session current = session;
        if (current == null || !current.isEnded()) {
            return false;
        }
        session = null; // its release resets the device
        attachment = null;
        quieted = false;
        begin();
        return true;
    }

    /// Undoes what was done to the device.
    private void goOn() {
        if (stopped) {
            stopped = false;
            host.code().start(handover(), this::resume);
        } else {
            resume();
        }
    }

    private void resume() {
        if (quieted) {
            quieted = false;
            host.code().resume();
        }
    }

    private Handover handover() {
        Handover known = handover;
        if (known == null) {
            throw new AssertionError("before begin()");
        }
        return known;
    }

    private void step(Supplier<Completion> deviceCode, Runnable next) {
        stepping = true;
        Completion done;
        try {
            done = deviceCode.get();
        } catch (Throwable thrown) {
            stepping = false;
            throw thrown;
        }
        DeviceTasks.then(
                host.loop(),
                done,
                error -> {
                    stepping = false;
                    if (over) {
                        goOn();
                    } else if (error != null) {
                        image.completeExceptionally(error);
                    } else {
                        next.run();
                    }
                });
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable thrown) {
            image.completeExceptionally(thrown);
        }
    }
}
