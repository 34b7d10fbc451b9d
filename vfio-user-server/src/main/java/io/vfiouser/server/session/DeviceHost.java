package io.vfiouser.server.session;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.loop.Movable;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One served device and its client, if it has one. Outlives sessions; belongs to the loop.
///
/// When a client leaves, everything of it is released in this order, and only then the next one is
/// accepted: its doorbells end, the device is asked to be quiet, the command at work ends, open
/// leases are closed, the device learns that the memory is gone, memory and eventfds are released,
/// device and config space are reset, the device is detached.
public final class DeviceHost implements Watched, Movable {
    /// Receives of one client before others have their turn.
    private static final int RECEIVES = 16;

    private final String name;
    private final Logger deviceLog;
    private final DeviceLayout layout;
    private final DeviceLoop loop;
    private final ServiceOptions options;
    private final Limits limits;
    private final DeviceEvents events;
    private final Runnable readyForNext;
    private final MessageTaps taps;
    private final FunctionRegions functions;
    private final Attaching attaching;
    private final DeviceCode code;
    private final CapabilitiesJson json;
    private final ServerDialect dialect;
    private final DeviceCounters counters;
    private LoopWatch watch;
    private final Optional<KeptState> keptState;
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
                        layout,
                        dialect.regionCount(),
                        loop,
                        action -> code().withIrqs(action),
                        () -> code().functionReset());
        this.counters =
                new DeviceCounters(
                        functions.regions().accesses(),
                        dialect.regionRead(),
                        dialect.regionWrite());
        this.events = new DeviceEvents(name, counters, limits, dialect, taps, listener);
        this.deviceLog =
                new DeviceLog(
                        LoggerFactory.getLogger(device.innermost().getClass()),
                        events.clientLog(),
                        name);
        layout.notes().forEach(events::note);
        BooleanSupplier dmaAllowed =
                options.busMasterRequired() ? functions.config()::busMaster : () -> true;
        this.attaching = new Attaching(this, layout, maps, keepsFiles, dmaAllowed);
        this.code = new DeviceCode(this, device, dialect);
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
        if (!migration().isBetweenStreams()) {
            return Optional.of(
                    "migration state: %s (expected: RUNNING, STOP or ERROR)"
                            .formatted(migrationState()));
        }
        return device().handover().isPresent()
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
            code.guarded("doorbells", attachment.doorbells()::close);
            code.guarded("peer", attachment.peer()::close);
            attachment.context().detach();
            code.guarded("detach", device()::detach);
            code.guarded("unmap", attachment.dma()::close);
            code.guarded("interrupts", attachment.irqs()::close);
            code.guarded("commands", attachment.commands()::close);
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
        Attachment attachment = attachment();
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
        code.close();
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
        code.giveUp();
        Attachment attachment = attachment();
        if (attachment != null) {
            attachment.irqs().silence();
            attachment.memory().revoke();
            attachment.context().detach();
            code.later(() -> code.guarded("doorbells", attachment.doorbells()::close));
        }
        events.givenUp(reason);
        code.stopWaiting();
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

    /// What the client that is there has of the device.
    @Nullable Attachment attachment() {
        Session current = session;
        return current == null ? null : current.attachment();
    }

    /// Whether everything of a client that has left is being released.
    boolean isLettingGo() {
        return release != null;
    }

    DeviceCounters counters() {
        return counters;
    }

    MigrationState migrationState() {
        return migration().state();
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
        return code.device();
    }

    /// Calls the device.
    DeviceCode code() {
        return code;
    }

    ConfigSpaceEngine config() {
        return functions.config();
    }

    ServerDialect dialect() {
        return dialect;
    }

    MigrationMachine migration() {
        return code.migration();
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
        return migration().isSupported();
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
}
