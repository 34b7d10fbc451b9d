package io.vfiouser.server.session;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.dma.PendingUnmap;
import io.vfiouser.server.options.Limit;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// Takes a client that has gone out of service, step by step on the loop; [DeviceHost] tells the
/// order. A step that fails is reported and does not hold up the rest.
final class SessionRelease {
    /// Mappings that are taken away in one turn of the loop, each in some 10 us.
    private static final int MAPPINGS_A_TURN = 32;

    /// Calls of the device in one turn.
    private static final int CALLS_A_TURN = 1024;

    private final DeviceHost host;
    private final Session session;
    private final Attachment attachment;
    private boolean quiet;
    private boolean memoryReleased;
    private Optional<String> obstacle = Optional.empty();

    /// @param session one that has negotiated and has ended
    private SessionRelease(DeviceHost host, Session session, Attachment attachment) {
        this.host = host;
        this.session = session;
        this.attachment = attachment;
    }

    /// Starts with the first step.
    static SessionRelease start(DeviceHost host, Session session, Attachment attachment) {
        var release = new SessionRelease(host, session, attachment);
        host.code().guarded("doorbells", attachment.doorbells()::close);
        release.step("quiesce", release::quiesce, release::becameQuiet);
        return release;
    }

    /// Waits for the device to be quiet, but not for ever: leases are waited for as well.
    private Completion quiesce() {
        Completion quiet = host.code().quiesce();
        if (quiet instanceof Completion.Done) {
            return quiet;
        }
        var patience = host.limits().duration(Limit.LEASE_TIMEOUT);
        var done = new CompletableFuture<@Nullable Void>();
        Runnable giveUp =
                () -> {
                    if (done.complete(null)) {
                        obstacle = Optional.of("device: not quiet (expected: within leaseTimeout)");
                        host.clientLog()
                                .line(
                                        Level.ERROR,
                                        "{} not quiet (expected: within leaseTimeout, {}); going"
                                                + " on",
                                        session,
                                        patience);
                    }
                };
        var timer = host.loop().schedule(giveUp, patience.toNanos());
        DeviceTasks.then(
                host.loop(),
                quiet,
                error -> {
                    timer.cancel();
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
                        host.clientLog()
                                .line(
                                        Level.ERROR,
                                        "{} its last command is still at work (expected: done"
                                            + " within leaseTimeout, {}); taking the memory away",
                                        session,
                                        patience);
                        obstacle =
                                Optional.of(
                                        "device: a command at work (expected: done within"
                                                + " leaseTimeout)");
                        memoryReleased = true;
                        memoryUnused(List.of());
                    }
                };
        var _ = host.loop().schedule(giveUp, patience.toNanos());
    }

    private void releaseMemory() {
        if (memoryReleased) {
            return;
        }
        memoryReleased = true;
        PendingUnmap unmap = attachment.dma().beginUnmapAll();
        var unused = new CompletableFuture<@Nullable Void>();
        unmap.whenUnused(() -> host.code().later(() -> unused.complete(null)));
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
                        obstacle = Optional.of("leases: open (expected: none after leaseTimeout)");
                        host.clientLog()
                                .line(
                                        Level.ERROR,
                                        "{} {} leases still open (expected: closed within"
                                                + " leaseTimeout, {}); taking the memory away",
                                        session,
                                        unmap.users(),
                                        patience);
                    }
                };
        var timer = host.loop().schedule(takeAway, patience.toNanos());
        var _ = unused.whenComplete((_, _) -> timer.cancel());
    }

    /// The last moment at which the device is as its client knew it.
    private void memoryUnused(List<DmaRange> ranges) {
        step("state", this::keepState, () -> tellUnmapped(ranges.iterator()));
    }

    private Completion keepState() {
        return host.keptState()
                .map(state -> state.saveBeforeReset(obstacle))
                .orElse(Completion.DONE);
    }

    private void tellUnmapped(Iterator<DmaRange> ranges) {
        for (int i = 0; i < CALLS_A_TURN && ranges.hasNext(); i++) {
            host.code().memoryUnmapped(ranges.next());
        }
        if (ranges.hasNext()) {
            nextTurn(() -> tellUnmapped(ranges));
        } else {
            unmap();
        }
    }

    /// A client may have tens of thousands of mappings, and the others wait.
    private void unmap() {
        host.code().guarded("unmap", () -> attachment.dma().closeSome(MAPPINGS_A_TURN));
        if (attachment.dma().isReleased()) {
            memoryReturned();
        } else {
            nextTurn(this::unmap);
        }
    }

    /// A timer that is due at once, so that the loop looks at its sockets in between.
    private void nextTurn(Runnable task) {
        host.loop().nextTurn(task);
    }

    private void memoryReturned() {
        host.code().guarded("interrupts", attachment.irqs()::close);
        host.code().guarded("commands", attachment.commands()::close);
        step("reset", () -> host.code().reset(ResetReason.CLIENT_GONE), this::detach);
    }

    private void detach() {
        attachment.context().detach();
        host.code().guarded("detach", host.device()::detach);
        host.released(session);
    }

    /// Runs device code and goes on when it is done, however it ends.
    private void step(String name, Supplier<Completion> deviceCode, Runnable next) {
        Completion completion;
        try {
            completion = deviceCode.get();
        } catch (Throwable thrown) {
            host.code().deviceFailed(name, thrown);
            completion = Completion.DONE;
        }
        DeviceTasks.then(
                host.loop(),
                completion,
                error -> {
                    if (error != null) {
                        host.code().deviceFailed(name, error);
                    }
                    next.run();
                });
    }
}
