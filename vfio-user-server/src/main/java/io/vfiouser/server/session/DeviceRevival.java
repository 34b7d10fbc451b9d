package io.vfiouser.server.session;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.transport.VfioUserChannel;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One device that goes on here where another process has stopped: [#install] puts it in place
/// without touching what the client sees, [#begin] lets it run. Belongs to the loop.
public final class DeviceRevival {
    private final DeviceHost host;
    private final CompletableFuture<@Nullable Void> installed = new CompletableFuture<>();
    private @Nullable Session session;
    private @Nullable Handover handover;
    private MigrationState state = MigrationState.RUNNING;

    DeviceRevival(DeviceHost host) {
        this.host = host;
    }

    /// Whether a client comes along; known once [#install] has been called.
    public boolean hasSession() {
        return session != null;
    }

    /// Takes over what a [DeviceFreeze] has written.
    ///
    /// @param in behind where clients come from
    /// @return completes when [#begin] may be called, or with why it may not
    public CompletableFuture<@Nullable Void> install(ImageReader in) {
        try {
            installFrom(in);
        } catch (Throwable thrown) {
            installed.completeExceptionally(thrown);
        }
        return installed;
    }

    /// Lets the device run and its client be served.
    public void begin() {
        Session current = session;
        if (current == null) {
            start();
        } else {
            current.move().open(this::start);
        }
    }

    private void installFrom(ImageReader in) {
        Handover of =
                host.device()
                        .handover()
                        .orElseThrow(() ->
                                new ImageException(
                                        "device: without Handover (expected: one whose state can"
                                                + " go along)"));
        handover = of;
        DeviceImage.restoreFiles(host, in, of);
        byte[] functions = in.bytes();
        host.functions().restore(functions);
        state = MigrationState.valueOf(in.text());
        if (in.flag()) {
            restoreSession(in);
        }
        byte[] saved = in.bytes();
        Attachment attachment = session == null ? null : session.attachment();
        Completion done =
                run(attachment == null ? () -> Completion.DONE : host.device()::quiesce)
                        .then(() -> run(of::stop))
                        .then(() ->
                                state == MigrationState.ERROR
                                        ? Completion.DONE
                                        : StateBytes.write(host.loop(), of.load(), saved))
                        .then(() -> {
                            if (attachment != null) {
                                attachment.doorbells().restore(in);
                                attachment.irqs().restore(in);
                            }
                            host.functions().restore(functions);
                            host.migration().restore(state);
                            return Completion.DONE;
                        });
        DeviceTasks.then(
                host.loop(),
                done,
                error -> {
                    if (error == null) {
                        installed.complete(null);
                    } else {
                        installed.completeExceptionally(error);
                    }
                });
    }

    private void restoreSession(ImageReader in) {
        Session revived = host.revive(in.longNumber(), new VfioUserChannel(in.descriptor()));
        session = revived;
        revived.move().restore(in);
        Attachment attachment = revived.attachment();
        if (attachment != null) {
            attachment.log().restore(in);
            attachment
                    .dma()
                    .restore(in, attachment.log(), range -> host.device().memoryMapped(range));
        }
    }

    private void start() {
        if (state != MigrationState.RUNNING) {
            resume();
            return;
        }
        host.code().start(handover(), this::resume);
    }

    private void resume() {
        Session current = session;
        Attachment attachment = current == null ? null : current.attachment();
        if (attachment != null) {
            host.code().resume();
            attachment.doorbells().resume();
            attachment.irqs().resumeWatches();
        }
        if (current != null) {
            current.move().begin();
        }
    }

    private Handover handover() {
        Handover known = handover;
        if (known == null) {
            throw new AssertionError("before install()");
        }
        return known;
    }

    private Completion run(Supplier<Completion> deviceCode) {
        return DeviceTasks.onLoop(host.loop(), deviceCode.get());
    }
}
