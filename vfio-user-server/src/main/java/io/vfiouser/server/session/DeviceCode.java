package io.vfiouser.server.session;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.dispatch.DeviceCalls;
import io.vfiouser.server.dispatch.ErrorMapper;
import io.vfiouser.server.dispatch.Fault;
import io.vfiouser.server.dispatch.QuietPeriod;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.migration.MigrationListener;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.watch.Watched;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The code of a device, as the server calls it: the loop is told that it runs, whatever it throws
/// is reported and reaches nobody, and once the device is given up nothing calls it any more.
/// Belongs to the loop.
final class DeviceCode implements DeviceCalls, MigrationListener {
    private final DeviceHost host;
    private final Device bean;
    private final DeviceLayout layout;
    private final DeviceLoop loop;
    private final MigrationMachine migration;

    /// Each ends the wait for something that the device has at work.
    private final Set<Runnable> releases = new HashSet<>();

    private Device device;

    DeviceCode(DeviceHost host, Device bean, ServerDialect dialect) {
        this.host = host;
        this.bean = bean;
        this.device = bean;
        this.layout = host.layout();
        this.loop = host.loop();
        this.migration = new MigrationMachine(bean, dialect::load, this::onLoop, this);
    }

    /// The device, or what has taken its place.
    Device device() {
        return device;
    }

    MigrationMachine migration() {
        return migration;
    }

    /// Puts a device in its place that is not there. What was waited for is over.
    void giveUp() {
        device = new AbsentDevice(layout);
        migration.giveUp();
        host.functions().regions().setFrozen(false);
        host.functions().regions().replaceAll(AbsentDevice::absent);
    }

    /// Nothing is waited for any more that the device had at work.
    void stopWaiting() {
        var waiting = List.copyOf(releases);
        releases.clear();
        waiting.forEach(Runnable::run);
    }

    /// Closes the device, given up or not.
    void close() {
        guarded("close", bean::close);
    }

    /// Runs device code that has no request to answer.
    void guarded(String where, Runnable deviceCode) {
        Watched before = host.watch().enter(host);
        try {
            deviceCode.run();
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            deviceFailed(where, thrown);
        } finally {
            host.watch().leave(before);
        }
    }

    /// Asks the device to be quiet, whether it is stopped or not.
    Completion quiet() {
        return untilDone(device.quiesce());
    }

    /// Lets a device go on that was stopped to go elsewhere, in this process or in the other one.
    ///
    /// @param then runs on the loop afterwards; what the device throws has been reported
    void start(Handover handover, Runnable then) {
        guarded(
                "start",
                () ->
                        DeviceTasks.then(
                                loop,
                                handover.start(),
                                error -> {
                                    if (error != null) {
                                        deviceFailed("start", error);
                                    }
                                    then.run();
                                }));
    }

    /// Starts a device that was stopped while no client was there, for the one that has come.
    ///
    /// @return done on the loop; what the device throws has been reported
    Completion startForClient() {
        if (migration.state() != MigrationState.STOP) {
            return Completion.DONE;
        }
        return Completion.attempt(
                        () -> quiet().then(() -> migration.change(MigrationState.RUNNING)))
                .recover(error -> deviceFailed("start", error))
                .then(() -> {
                    resume();
                    return Completion.DONE;
                });
    }

    /// Resets one function, while the client's accesses wait.
    Completion functionReset() {
        Supplier<Completion> reset = () -> reset(ResetReason.FUNCTION_LEVEL_RESET);
        Attachment attachment = host.attachment();
        return attachment == null
                ? reset.get()
                : new QuietPeriod(attachment.dma(), this).during(reset);
    }

    /// Does something to the interrupts of the client, if one is there.
    void withIrqs(Consumer<IrqTable> action) {
        Attachment attachment = host.attachment();
        if (attachment != null) {
            action.accept(attachment.irqs());
        }
    }

    // DeviceCalls

    @Override
    public Completion quiesce() {
        return migration.isStopped() ? Completion.DONE : quiet();
    }

    @Override
    public void resume() {
        if (!host.isLettingGo() && !migration.isStopped()) {
            guarded("resume", device::resume);
        }
    }

    @Override
    public Completion reset(ResetReason reason) {
        Supplier<Completion> everything =
                () -> {
                    host.functions().reset(reason);
                    withIrqs(IrqTable::reset);
                    return untilDone(device.reset(reason));
                };
        return switch (reason) {
            case DEVICE_RESET -> migration.reset(everything);
            case FUNCTION_LEVEL_RESET -> everything.get();
            case CLIENT_GONE -> migration.release(everything);
        };
    }

    @Override
    public Completion onLoop(Completion completion) {
        return DeviceTasks.onLoop(loop, completion);
    }

    @Override
    public void later(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void nextTurn(Runnable task) {
        loop.nextTurn(task);
    }

    @Override
    public void memoryMapped(DmaRange range) {
        device.memoryMapped(range);
        host.counters().dma().mapped(range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        host.counters().dma().unmapped(range);
        guarded("memoryUnmapped", () -> device.memoryUnmapped(range));
    }

    // MigrationListener

    @Override
    public void stateChanged(MigrationState from, MigrationState to) {
        host.functions().regions().setFrozen(to == MigrationState.STOP_COPY);
        host.events().migrationStateChanged(from, to);
    }

    @Override
    public void deviceFailed(String where, Throwable cause) {
        host.events().deviceFailed(where, cause);
        if (ErrorMapper.map(cause) instanceof Fault.Internal internal
                && host.options().giveUp().isFor(internal.cause())) {
            host.giveUp(where + ": " + internal.message());
        }
    }

    /// A completion that is done on the loop when the device has done its work, or was given up.
    private Completion untilDone(Completion work) {
        if (work instanceof Completion.Done) {
            return work;
        }
        var done = new CompletableFuture<@Nullable Void>();
        Runnable release = () -> done.complete(null);
        releases.add(release);
        DeviceTasks.then(
                loop,
                work,
                error -> {
                    releases.remove(release);
                    if (error == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(error);
                    }
                });
        return Completion.after(done);
    }
}
