package io.vfiouser.server.session;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dispatch.DeviceCalls;
import io.vfiouser.server.dispatch.ErrorMapper;
import io.vfiouser.server.dispatch.Fault;
import io.vfiouser.server.dispatch.QuietPeriod;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.loop.Movable;
import io.vfiouser.server.migration.MigrationListener;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.pci.ConfigSpaceEngine;
import io.vfiouser.server.peer.RequestSink;
import io.vfiouser.server.region.RegionTable;
import io.vfiouser.server.stats.DeviceCounters;
import io.vfiouser.server.tap.MessageTaps;
import io.vfiouser.server.watch.LoopWatch;
import io.vfiouser.server.watch.Watched;
import io.vfiouser.transport.VfioUserChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One served device and its client, if it has one. Outlives sessions; belongs to the loop.
///
/// When a client leaves, everything of it is released in this order, and only then the next one is
/// accepted: its doorbells end, the device is asked to be quiet, the command at work ends, open
/// leases are closed, the device learns that the memory is gone, memory and eventfds are released,
/// device and config space are reset, the device is detached.
public final class DeviceHost implements DeviceCalls, MigrationListener, Watched, Movable {
    /// Receives of one client before others have their turn.
    private static final int RECEIVES = 16;

    private final String name;
    private final Logger deviceLog;
    private final Device bean;
    private final DeviceLayout layout;
    private final DeviceLoop loop;
    private final ServiceOptions options;
    private final Limits limits;
    private final DeviceEvents events;
    private final Runnable readyForNext;
    private final MessageTaps taps;
    private final FunctionRegions functions;
    private final Attaching attaching;
    private final MigrationMachine migration;
    private final CapabilitiesJson json;
    private final ServerDialect dialect;
    private final DeviceCounters counters;
    private LoopWatch watch;
    private final Optional<KeptState> keptState;
    private final Set<Runnable> releases = new HashSet<>();
    private Device device;
    private volatile @Nullable String givenUp;
    private volatile @Nullable Session session;
    private @Nullable SessionRelease release;
    private long sessions;
    private volatile CompletableFuture<@Nullable Void> clientGone = new CompletableFuture<>();

    /// A device without a client.
    ///
    /// @param options how it is served
    /// @param json reads the clients' capabilities, within the limits
    /// @param dialect what the clients speak
    /// @param maps counts the mappings of all clients
    /// @param keepsFiles whether clients' memory files stay open, so that the device can go on in
    ///   another process
    /// @param watch is told when the device's code runs
    /// @param readyForNext called on the loop when a client is gone and the next may be accepted
    public DeviceHost(
            String name,
            Device device,
            DeviceLoop loop,
            ServiceOptions options,
            CapabilitiesJson json,
            ServerDialect dialect,
            MapBudget maps,
            boolean keepsFiles,
            ServerListener listener,
            LoopWatch watch,
            Runnable readyForNext) {
        this.name = Objects.requireNonNull(name, "name");
        this.bean = device;
        this.device = device;
        this.watch = watch;
        this.layout = device.layout();
        this.loop = loop;
        this.options = options;
        this.limits = options.limits();
        this.readyForNext = readyForNext;
        this.taps = new MessageTaps(name, options.dialect());
        this.json = json;
        this.dialect = dialect;
        this.functions =
                new FunctionRegions(
                        layout, dialect.regionCount(), loop, this::withIrqs, this::functionReset);
        this.counters =
                new DeviceCounters(
                        functions.regions().accesses(),
                        dialect.regionRead(),
                        dialect.regionWrite());
        this.events = new DeviceEvents(name, counters, limits, dialect, taps, listener);
        this.deviceLog =
                new DeviceLog(
                        LoggerFactory.getLogger(bean.innermost().getClass()),
                        events.clientLog(),
                        name);
        layout.notes().forEach(events::note);
        BooleanSupplier dmaAllowed =
                options.busMasterRequired() ? functions.config()::busMaster : () -> true;
        this.attaching = new Attaching(this, layout, maps, keepsFiles, dmaAllowed);
        this.migration = new MigrationMachine(device, dialect::load, this::onLoop, this);
        this.keptState = options.stateDirectory().map(directory -> new KeptState(this, directory));
    }

    /// Takes a connection as the client's. There is none other at this time.
    public void accept(VfioUserChannel channel) {
        Session next = revive(sessions + 1, channel);
        loop.register(channel)
                .addListener(registered -> {
                    if (registered.isSuccess()) {
                        next.limitHandshake();
                    } else {
                        released(next);
                    }
                });
    }

    /// Why the device cannot go on in another process, as far as that is known now.
    public Optional<String> staysBecause() {
        if (givenUp != null) {
            return Optional.of("device: given up (expected: one that works, or removed)");
        }
        if (options.dialect() != Dialect.CURRENT) {
            return Optional.of("dialect: legacy (expected: current)");
        }
        if (!migration.isBetweenStreams()) {
            return Optional.of(
                    "migration state: %s (expected: RUNNING, STOP or ERROR)"
                            .formatted(migration.state()));
        }
        return device.handover().isPresent()
                ? Optional.empty()
                : Optional.of("device: without Handover (expected: one whose state can go along)");
    }

    /// How the device's state outlasts a planned stop, if it is to.
    public Optional<KeptState> keptState() {
        return keptState;
    }

    /// What a device must look like that takes this one's place.
    public String shape() {
        return DeviceShape.of(layout, functions);
    }

    /// Stops the device, so that it can go on in another process.
    ///
    /// @param source writes where clients come from
    public DeviceFreeze freeze(Consumer<ImageWriter> source) {
        var freeze = new DeviceFreeze(this, source);
        freeze.begin();
        return freeze;
    }

    /// Where the device of another process goes on.
    public DeviceRevival revival() {
        return new DeviceRevival(this);
    }

    /// Closes what is here of a client and a device that go on, or have never begun, in this place;
    /// neither hears of it. The device itself is closed by [#closeDevice()].
    public void letGo(String reason) {
        Session current = session;
        session = null;
        if (current == null) {
            return;
        }
        current.move().letGo();
        Attachment attachment = current.attachment();
        if (attachment != null) {
            guarded("doorbells", attachment.doorbells()::close);
            guarded("peer", attachment.peer()::close);
            attachment.context().detach();
            guarded("detach", device::detach);
            guarded("unmap", attachment.dma()::close);
            guarded("interrupts", attachment.irqs()::close);
            guarded("commands", attachment.commands()::close);
            events.clientTaken(current, attachment, reason);
        }
    }

    /// The socket of the connection that is there; stays with it.
    public Optional<FileDescriptor> clientSocket() {
        Session current = session;
        return current == null ? Optional.empty() : Optional.of(current.socket());
    }

    /// Under what name the device is served.
    public String name() {
        return name;
    }

    /// The layout that the device gave.
    public DeviceLayout layout() {
        return layout;
    }

    /// Whether a client has negotiated and is not gone yet.
    public boolean clientAttached() {
        Session current = session;
        return current != null && current.attachment() != null;
    }

    /// Completes when the client that is there, or the next one, is gone and released.
    public CompletableFuture<@Nullable Void> clientGone() {
        return clientGone;
    }

    /// Whether a connection is there, or one that has ended is still being released.
    public boolean hasSession() {
        return session != null;
    }

    /// Whether a connection has ended and is being released.
    public boolean isReleasing() {
        Session current = session;
        return current != null && current.isEnded();
    }

    /// Ends the session if there is one; [#clientGone()] tells when it is over.
    public void endSession(String reason) {
        Session current = session;
        if (current != null) {
            current.end(reason);
        }
    }

    /// Asks the client to leave, by REQ (spec: "VFIO_USER_DEVICE_GET_IRQ_INFO").
    ///
    /// @param grace how long it may take, for the log
    public void requestRemoval(Duration grace) {
        boolean heard = layout.irqCount(IrqIndex.REQ) > 0;
        Session current = session;
        Attachment attachment = current == null ? null : current.attachment();
        if (current != null && attachment != null) {
            heard = heard && attachment.irqs().line(IrqIndex.REQ, 0).trigger();
            events.asksToLeave(current, grace, heard);
        }
    }

    /// Somebody connected who may not be a client, or not now.
    public void connectionRefused(String reason) {
        events.connectionRefused(reason);
    }

    /// Who sees the messages of the device's clients.
    public MessageTaps taps() {
        return taps;
    }

    /// Closes the device; no client is there and none will come.
    public void closeDevice() {
        guarded("close", bean::close);
    }

    /// What was counted until now; from any thread.
    public DeviceStats stats() {
        return counters.snapshot(name, clientAttached(), dialect::commandName, RegionTable::name);
    }

    /// Gives the device up: nothing reaches its code any more, and nobody hears of it. On the loop.
    public void giveUp(String reason) {
        if (givenUp != null) {
            return;
        }
        givenUp = reason;
        Session current = session;
        if (current != null) {
            current.gather();
        }
        device = new AbsentDevice(layout);
        migration.giveUp();
        functions.regions().setFrozen(false);
        functions.regions().replaceAll(AbsentDevice::absent);
        Attachment attachment = current == null ? null : current.attachment();
        if (attachment != null) {
            attachment.irqs().silence();
            attachment.memory().revoke();
            attachment.context().detach();
            later(() -> guarded("doorbells", attachment.doorbells()::close));
        }
        events.givenUp(reason);
        var waiting = List.copyOf(releases);
        releases.clear();
        waiting.forEach(Runnable::run);
        if (current != null) {
            current.abandonCommand(reason);
        }
    }

    /// Why the device was given up, if it was; from any thread.
    public Optional<String> givenUp() {
        return Optional.ofNullable(givenUp);
    }

    @Override
    public void holdsLoop(Duration held, Thread loopThread) {
        events.heldLoop(held, loopThread.getStackTrace());
    }

    // Going on in another loop

    /// Takes what the client has registered with the loop off it.
    @Override
    public CompletableFuture<@Nullable Void> leave() {
        Session current = session;
        if (current == null) {
            return CompletableFuture.completedFuture(null);
        }
        Attachment attachment = current.attachment();
        if (attachment != null) {
            attachment.doorbells().leaveLoop();
            attachment.irqs().leaveLoop();
        }
        return current.leaveLoop();
    }

    @Override
    public void join() {
        Session current = session;
        if (current == null) {
            return;
        }
        Attachment attachment = current.attachment();
        if (attachment != null) {
            attachment.doorbells().joinLoop();
            attachment.irqs().joinLoop();
        }
        current.joinLoop();
    }

    /// The loop tells here whose code it runs, from now on.
    public void setWatch(LoopWatch now) {
        watch = now;
    }

    // For the session

    /// Where the loop tells whose code it runs.
    LoopWatch watch() {
        return watch;
    }

    @Nullable Session session() {
        return session;
    }

    DeviceCounters counters() {
        return counters;
    }

    MigrationState migrationState() {
        return migration.state();
    }

    /// Takes what is worth a line of the log and what a client can cause.
    ClientLog clientLog() {
        return events.clientLog();
    }

    /// Takes what the device says.
    Logger deviceLog() {
        return deviceLog;
    }

    /// Who is told what happens.
    DeviceEvents events() {
        return events;
    }

    ServiceOptions options() {
        return options;
    }

    Limits limits() {
        return limits;
    }

    FrameLimits frameLimits() {
        return new FrameLimits(
                limits.maxMessageSize(), limits.count(Limit.MAX_DESCRIPTORS_PER_MESSAGE));
    }

    CapabilitiesJson json() {
        return json;
    }

    DeviceLoop loop() {
        return loop;
    }

    Device device() {
        return device;
    }

    ConfigSpaceEngine config() {
        return functions.config();
    }

    ServerDialect dialect() {
        return dialect;
    }

    MigrationMachine migration() {
        return migration;
    }

    FunctionRegions functions() {
        return functions;
    }

    /// A session on a channel that is not registered yet.
    Session revive(long number, VfioUserChannel channel) {
        sessions = number;
        var next = new Session(this, number, channel);
        session = next;
        var decoder = new FrameDecoder(next, frameLimits());
        next.limitMessages(decoder);
        channel.config().setRecvByteBufAllocator(decoder.receiveAllocator(RECEIVES));
        channel.pipeline().addLast(decoder, next);
        channel.receiver(decoder);
        return next;
    }

    /// How many connections there were until now.
    long sessions() {
        return sessions;
    }

    /// Counts on from those of another process.
    void continueSessions(long number) {
        sessions = number;
    }

    boolean migrates() {
        return migration.isSupported();
    }

    void onLoop(Runnable task) {
        loop.runOrExecute(task);
    }

    /// Attaches the device for a client that has negotiated.
    ///
    /// @param requests where commands to the client go
    Attachment attach(Session session, Version request, RequestSink requests) {
        return attaching.attach(session, request, requests);
    }

    void sessionEnded(Session ended) {
        taps.sessionEnded(ended.number(), ended.endReason());
        Attachment attachment = ended.attachment();
        if (attachment == null) {
            released(ended);
        } else {
            release = SessionRelease.start(this, ended, attachment);
        }
    }

    /// The command that was at work when the client left has ended.
    void lastCommandFinished() {
        SessionRelease current = release;
        if (current != null) {
            current.commandFinished();
        }
    }

    /// The last step of a client's leaving.
    void released(Session ended) {
        Attachment attachment = ended.attachment();
        session = null;
        release = null;
        if (attachment != null) {
            events.clientGone(ended, attachment);
        }
        CompletableFuture<@Nullable Void> gone = clientGone;
        clientGone = new CompletableFuture<>();
        readyForNext.run();
        gone.complete(null);
    }

    /// Runs device code that has no request to answer.
    void guarded(String where, Runnable deviceCode) {
        Watched before = watch.enter(this);
        try {
            deviceCode.run();
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            deviceFailed(where, thrown);
        } finally {
            watch.leave(before);
        }
    }

    // DeviceCalls

    @Override
    public Completion quiesce() {
        return migration.isStopped() ? Completion.DONE : untilDone(device.quiesce());
    }

    /// Asks the device to be quiet, whether it is stopped or not.
    Completion quiet() {
        return untilDone(device.quiesce());
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

    @Override
    public void resume() {
        if (release == null && !migration.isStopped()) {
            guarded("resume", device::resume);
        }
    }

    @Override
    public Completion reset(ResetReason reason) {
        Supplier<Completion> everything =
                () -> {
                    functions.reset(reason);
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
        counters.dma().mapped(range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        counters.dma().unmapped(range);
        guarded("memoryUnmapped", () -> device.memoryUnmapped(range));
    }

    // MigrationListener

    @Override
    public void stateChanged(MigrationState from, MigrationState to) {
        functions.regions().setFrozen(to == MigrationState.STOP_COPY);
        events.migrationStateChanged(from, to);
    }

    @Override
    public void deviceFailed(String where, Throwable cause) {
        events.deviceFailed(where, cause);
        if (ErrorMapper.map(cause) instanceof Fault.Internal internal
                && options.giveUp().isFor(internal.cause())) {
            giveUp(where + ": " + internal.message());
        }
    }

    // Inside

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

    private Completion functionReset() {
        Supplier<Completion> reset = () -> reset(ResetReason.FUNCTION_LEVEL_RESET);
        Session current = session;
        Attachment attachment = current == null ? null : current.attachment();
        return attachment == null
                ? reset.get()
                : new QuietPeriod(attachment.dma(), this).during(reset);
    }

    private void withIrqs(Consumer<IrqTable> action) {
        Session current = session;
        Attachment attachment = current == null ? null : current.attachment();
        if (attachment != null) {
            action.accept(attachment.irqs());
        }
    }
}
