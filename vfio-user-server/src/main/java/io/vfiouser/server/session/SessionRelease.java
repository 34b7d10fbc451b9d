package io.vfiouser.server.session;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.dma.PendingUnmap;
import io.vfiouser.server.options.Limit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a client that has gone out of service, step by step on the loop; [DeviceHost] tells the
/// order. A step that fails is reported and does not hold up the rest.
final class SessionRelease {
    private static final Logger LOG = LoggerFactory.getLogger(SessionRelease.class);

    private final DeviceHost host;
    private final Session session;
    private final Attachment attachment;
    private boolean quiet;
    private boolean memoryReleased;

    /// @param session one that has negotiated and has ended
    private SessionRelease(DeviceHost host, Session session, Attachment attachment) {
        this.host = host;
        this.session = session;
        this.attachment = attachment;
    }

    /// Starts with the first step.
    static SessionRelease start(DeviceHost host, Session session, Attachment attachment) {
        var release = new SessionRelease(host, session, attachment);
        host.guarded("doorbells", attachment.doorbells()::close);
        release.step("quiesce", release::quiesce, release::becameQuiet);
        return release;
    }

    /// Waits for the device to be quiet, but not for ever: leases are waited for as well.
    private Completion quiesce() {
        Completion quiet = host.quiesce();
        if (quiet instanceof Completion.Done) {
            return quiet;
        }
        var patience = host.limits().duration(Limit.LEASE_TIMEOUT);
        var done = new CompletableFuture<@Nullable Void>();
        Runnable giveUp =
                () -> {
                    if (done.complete(null)) {
                        LOG.error(
                                "{} not quiet (expected: within leaseTimeout, {}); going on",
                                session,
                                patience);
                    }
                };
        var timer = host.loop().schedule(giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
        DeviceTasks.then(
                host.loop(),
                quiet,
                error -> {
                    timer.cancel(false);
                    if (error == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(error);
                    }
                });
        return Completion.after(done);
    }

    /// The command that was at work when the client left has ended.
    void commandFinished() {
        if (quiet) {
            releaseMemory();
        }
    }

    private void becameQuiet() {
        quiet = true;
        if (!session.isBusy()) {
            releaseMemory();
            return;
        }
        var patience = host.limits().duration(Limit.LEASE_TIMEOUT);
        Runnable giveUp =
                () -> {
                    if (!memoryReleased) {
                        LOG.error(
                                "{} its last command is still at work (expected: done within"
                                        + " leaseTimeout, {}); taking the memory away",
                                session,
                                patience);
                        memoryReleased = true;
                        memoryUnused(List.of());
                    }
                };
        var _ = host.loop().schedule(giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void releaseMemory() {
        if (memoryReleased) {
            return;
        }
        memoryReleased = true;
        PendingUnmap unmap = attachment.dma().beginUnmapAll();
        var unused = new CompletableFuture<@Nullable Void>();
        unmap.whenUnused(() -> host.later(() -> unused.complete(null)));
        if (!unused.isDone()) {
            limitPatience(unmap, unused);
        }
        step(
                "leases",
                () -> unused.isDone() ? Completion.DONE : Completion.after(unused),
                () -> memoryUnused(unmap.ranges()));
    }

    private void limitPatience(PendingUnmap unmap, CompletableFuture<@Nullable Void> unused) {
        var patience = host.limits().duration(Limit.LEASE_TIMEOUT);
        Runnable takeAway =
                () -> {
                    if (unused.complete(null)) {
                        LOG.error(
                                "{} {} leases still open (expected: closed within leaseTimeout,"
                                        + " {}); taking the memory away",
                                session,
                                unmap.users(),
                                patience);
                    }
                };
        var timer = host.loop().schedule(takeAway, patience.toNanos(), TimeUnit.NANOSECONDS);
        var _ = unused.whenComplete((_, _) -> timer.cancel(false));
    }

    private void memoryUnused(List<DmaRange> ranges) {
        ranges.forEach(host::memoryUnmapped);
        host.guarded("unmap", attachment.dma()::close);
        host.guarded("interrupts", attachment.irqs()::close);
        host.guarded("commands", attachment.commands()::close);
        step("reset", () -> host.reset(ResetReason.CLIENT_GONE), this::detach);
    }

    private void detach() {
        attachment.context().detach();
        host.guarded("detach", host.device()::detach);
        host.released(session);
    }

    /// Runs device code and goes on when it is done, however it ends.
    private void step(String name, Supplier<Completion> deviceCode, Runnable next) {
        Completion completion;
        try {
            completion = deviceCode.get();
        } catch (Throwable thrown) {
            host.deviceFailed(name, thrown);
            completion = Completion.DONE;
        }
        DeviceTasks.then(
                host.loop(),
                completion,
                error -> {
                    if (error != null) {
                        host.deviceFailed(name, error);
                    }
                    next.run();
                });
    }
}
