package io.vfiouser.server;

import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.SocketRole;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.legacy.LegacyDialect;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.DeviceView;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.observe.Tapping;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.session.CurrentDialect;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.server.session.DeviceOperation;
import io.vfiouser.server.session.KeptState;
import io.vfiouser.server.session.ServerDialect;
import io.vfiouser.server.succession.Arriving;
import io.vfiouser.server.succession.Leaving;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A device in service: its socket, its loop, and the client that is there.
///
/// One client at a time: the next one's connection waits until the last one is gone and everything
/// of it is released, or is refused ([ServiceOptions#secondClient()]). All methods may be called
/// from any thread.
public final class ServedDevice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedDevice.class);

    private volatile Endpoint endpoint;
    private final DeviceLoop loop;
    private final DevicePlace place;
    private final Device device;
    private final DeviceHost host;
    private final DeviceOperation operation;
    private volatile ClientSource clients;
    private final ServiceOptions options;
    private final SessionBudget sessions;
    private final DeviceDeparture departure;
    private final Consumer<ServedDevice> onClosed;
    private final CompletableFuture<Removal> closed = new CompletableFuture<>();
    private Removal removal = Removal.NO_CLIENT;
    private boolean isCounted = true;
    private boolean removing;
    private boolean closing;
    private boolean arriving;

    ServedDevice(
            String name,
            Device device,
            Endpoint endpoint,
            DevicePlace place,
            ServiceOptions options,
            CapabilitiesJson json,
            SessionBudget sessions,
            MapBudget maps,
            boolean keepsFiles,
            ServerListener listener,
            Consumer<ServedDevice> onClosed) {
        this.device = device;
        this.endpoint = endpoint;
        this.options = options;
        this.sessions = sessions;
        this.place = place;
        this.loop = place.loop();
        this.onClosed = onClosed;
        this.host =
                new DeviceHost(
                        name,
                        device,
                        loop,
                        options,
                        json.withDialect(options.dialect()),
                        dialect(options.dialect()),
                        maps,
                        keepsFiles,
                        listener,
                        place.load().watch(),
                        this::clientReleased);
        this.operation = new DeviceOperation(host);
        this.departure = new DeviceDeparture(this, host);
        this.clients = ClientSource.NONE;
    }

    /// Where clients come from; last, as nobody would close its socket if the device's layout were
    /// refused.
    void takeEndpoint() {
        clients =
                endpoint instanceof Endpoint.Inherited inherited
                                && inherited.role() == SocketRole.CONNECTED
                        ? new ConnectedSource(host, inherited, this::startClosing)
                        : new ListeningSource(host, loop, options, endpoint, sessions);
    }

    private static ServerDialect dialect(Dialect dialect) {
        return switch (dialect) {
            case CURRENT -> CurrentDialect.INSTANCE;
            case LEGACY -> LegacyDialect.INSTANCE;
        };
    }

    /// Under what name it is served.
    public String name() {
        return host.name();
    }

    /// Where clients come from.
    public Endpoint endpoint() {
        return endpoint;
    }

    /// The path where clients connect.
    ///
    /// @throws IllegalStateException if the socket was inherited and has none
    public Path socket() {
        return clients.path()
                .orElseThrow(() ->
                        new IllegalStateException(
                                "socket: " + endpoint + " (expected: one with a path)"));
    }

    /// Whether a client has negotiated and is not gone yet.
    public boolean clientAttached() {
        return host.clientAttached();
    }

    /// The device's own layout, as it gave it: registers by name, and what else a trace shows.
    public DeviceLayout layout() {
        return host.layout();
    }

    /// Lets `tap` see the messages of this device's clients, from the next one on. Several taps may
    /// be on at once.
    ///
    /// @return takes the tap off when it is closed
    public Tapping tap(MessageTap tap) {
        return host.taps().add(Objects.requireNonNull(tap, "tap"));
    }

    /// Completes when the client that is there, or the next one to come, is gone and everything of
    /// it is released.
    public CompletionStage<@Nullable Void> clientGone() {
        return host.clientGone().minimalCompletionStage();
    }

    /// Completes when the device is closed, whoever wanted it; with a [ServeException] if its state
    /// could not be kept ([ServiceOptions#stateDirectory()]).
    public CompletionStage<Removal> whenClosed() {
        return closed.minimalCompletionStage();
    }

    /// The device, as it was given to the server; it may only be touched on its loop, see [#call].
    public Device device() {
        return device;
    }

    /// What was counted since the device is served.
    public DeviceStats stats() {
        return host.stats();
    }

    /// How the device and its client are now.
    public CompletableFuture<DeviceView> view() {
        return call(operation::view);
    }

    /// Runs something on the device's loop, between two callbacks of the device.
    ///
    /// @param task must not block
    /// @return completes on the loop, with what the task returns or throws; with an
    ///   [IllegalStateException] once the loop has ended
    public <T> CompletableFuture<T> call(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        var result = new CompletableFuture<T>();
        Runnable run =
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Throwable thrown) {
                        result.completeExceptionally(thrown);
                    }
                };
        try {
            loop.execute(run);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(loopEnded(e));
        }
        return result;
    }

    /// Resets the device as its client does by DEVICE_RESET. The client, if one is there, is not
    /// told, and its commands wait until the device is reset.
    ///
    /// @return completes on the loop; with an [IllegalStateException] while a command is at work or
    ///   a client is leaving
    public CompletableFuture<@Nullable Void> reset() {
        return call(operation::reset).thenCompose(ServedDevice::ended);
    }

    private static CompletionStage<@Nullable Void> ended(Completion completion) {
        return switch (completion) {
            case Completion.Done _ -> CompletableFuture.completedFuture(null);
            case Completion.Pending(var stage) -> stage.thenApply(_ -> null);
        };
    }

    /// Fires an interrupt as the device would.
    ///
    /// @param vector its number within the type
    /// @return whether the client listens to it; with an [IllegalArgumentException] if the device
    ///   has no such interrupt
    public CompletableFuture<Boolean> interrupt(IrqIndex index, int vector) {
        Objects.requireNonNull(index, "index");
        return call(() -> operation.interrupt(index, vector));
    }

    /// Closes the client's connection, if there is one; the device stays in service.
    ///
    /// @param reason why, in words, for the log
    public void disconnect(String reason) {
        Objects.requireNonNull(reason, "reason");
        onLoop(() -> host.endSession(reason));
    }

    /// Takes the device out of service in good order: the socket is removed, the client is asked to
    /// leave by the REQ interrupt (QEMU then unplugs the device from its guest), and is
    /// disconnected if it is still there after `grace`; then the device is closed. Other devices go
    /// on.
    ///
    /// A client that has not armed REQ hears nothing but gets the time all the same, as somebody
    /// may tell it in other ways. Called again, the shorter time counts. [#close()] is the same
    /// without a time, as if the device were pulled out.
    ///
    /// @param grace how long the client may take, zero or more; beyond 292 years counts as those
    /// @return completes when the device is closed
    public CompletionStage<Removal> remove(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        onLoop(() -> startRemoving(grace));
        return whenClosed();
    }

    /// Gives the device up without taking it out of service, as when its code has failed for good:
    /// to its guest it looks like a card that was pulled out. From now on its regions read all
    /// ones, writes are dropped, its interrupts are quiet, client memory is refused to it with
    /// `ENODEV`, and no callback but `close` reaches its code. A command that it has at work ends
    /// with `EIO`. Clients stay, keep what they have mapped of the device, and the next ones find
    /// it so as well; there is no way back but [#remove] and serving another one.
    ///
    /// It happens on the device's loop, after what runs there: code that never returns keeps it
    /// from happening, and the loop from all else. Memory that the device has leased stays its own
    /// until it closes the lease.
    ///
    /// @param reason for the log and [ServerListener#deviceGivenUp]
    /// @return completes on the loop when it is so; at once if it was so before, for another reason
    public CompletableFuture<@Nullable Void> giveUp(String reason) {
        Objects.requireNonNull(reason, "reason");
        return call(
                        () -> {
                            host.giveUp(reason);
                            return true;
                        })
                .thenApply(_ -> null);
    }

    /// Why the device was given up, if it was.
    public Optional<String> givenUp() {
        return host.givenUp();
    }

    /// Closes the client's connection, removes the socket, closes the device; waits for all of it.
    /// The device's state is kept if that is wanted ([ServiceOptions#stateDirectory()]).
    @Override
    public void close() {
        if (loop.inLoop()) {
            throw new IllegalStateException(
                    "close() on the device's event loop (expected: another thread, or"
                            + " closeAsync())");
        }
        try {
            closeAsync().join();
        } catch (CompletionException e) {
            throw ServeException.of(name(), e);
        }
    }

    /// As [#close()], without waiting.
    public CompletableFuture<@Nullable Void> closeAsync() {
        onLoop(this::startClosing);
        return closed.thenApply(_ -> null);
    }

    /// Once the loop has ended nothing can be done any more, mostly because all is done.
    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            closed.completeExceptionally(loopEnded(e));
        }
    }

    private IllegalStateException loopEnded(RejectedExecutionException cause) {
        return new IllegalStateException(
                name() + ": event loop: ended (expected: after its devices)", cause);
    }

    /// The number of the event loop that it is on, see [VfioUserServer#loops()].
    public int loop() {
        return place.load().number();
    }

    /// Moves the device to another event loop of its server, with its client, which notices nothing
    /// but a pause of some 100 µs: commands, interrupts and timers go on there, in order. The
    /// device is called on another thread from then on, never on both, and sees all that it did
    /// before.
    ///
    /// @param number of the loop, see [VfioUserServer#loops()]
    /// @return completes on the new loop; with an [IllegalStateException] if the device is being
    ///   taken out of service or handed over, and stays where it is
    /// @throws IllegalArgumentException if there is no such loop
    public CompletableFuture<@Nullable Void> moveTo(int number) {
        return place.moveTo(number, this::checkMovable, host, this);
    }

    private void checkMovable() {
        if (isGoing() || departure.isFrozen() || arriving) {
            throw new IllegalStateException(
                    name()
                            + ": being taken out of service or over (expected: in service, to be"
                            + " moved)");
        }
    }

    /// It is on no loop any more.
    void leavePlace() {
        place.leave();
    }

    /// Where all of it runs.
    DeviceLoop deviceLoop() {
        return loop;
    }

    /// Opens the socket; on failure everything is closed.
    CompletableFuture<@Nullable Void> listen() {
        var listening = new CompletableFuture<@Nullable Void>();
        try {
            loop.execute(() -> restoreAndOpen(listening));
        } catch (RejectedExecutionException e) {
            listening.completeExceptionally(e);
        }
        return listening.whenComplete((_, error) -> {
            if (error != null) {
                startClosing();
            }
        });
    }

    private void restoreAndOpen(CompletableFuture<@Nullable Void> listening) {
        CompletableFuture<@Nullable Void> restored =
                host.keptState()
                        .map(KeptState::restore)
                        .orElseGet(() -> CompletableFuture.completedFuture(null));
        var _ =
                restored.whenComplete((_, error) -> {
                    if (error == null) {
                        clients.open(listening);
                    } else {
                        listening.completeExceptionally(error);
                    }
                });
    }

    /// This device as one that may go on in another process.
    Leaving leaving() {
        return departure;
    }

    /// This device as one that is to go on here.
    Arriving arriving() {
        arriving = true;
        return new DeviceArrival(this, host, options, sessions);
    }

    /// It has arrived.
    void arrived() {
        arriving = false;
    }

    /// Where clients come from at this time.
    ClientSource clients() {
        return clients;
    }

    /// Clients come from somewhere else from now on.
    void takeClients(Endpoint from, ClientSource source) {
        endpoint = from;
        clients = source;
    }

    /// Whether the client that is there has its place among the sessions of the server.
    void countClient(boolean counted) {
        isCounted = counted;
    }

    /// Whether the device is on its way out of service.
    boolean isGoing() {
        return closing || removing;
    }

    /// Closes what is here of a device that goes on elsewhere.
    void letGo(String reason) {
        clients.letGo(host.hasSession() && isCounted);
        host.letGo(reason);
        removal = Removal.TAKEN_OVER;
        closing = true;
        finishClosing();
    }

    private void clientReleased() {
        clients.clientReleased();
    }

    private void startRemoving(Duration grace) {
        if (closing) {
            return;
        }
        if (grace.isZero()) {
            startClosing();
            return;
        }
        clients.close();
        if (!host.clientAttached()) {
            startClosing();
            return;
        }
        removal = Removal.CLIENT_LEFT;
        long nanos = TimeUnit.NANOSECONDS.convert(grace);
        var limit = loop.schedule(this::startClosing, nanos);
        var _ = host.clientGone().whenComplete((_, _) -> limit.cancel());
        if (!removing) {
            removing = true;
            host.requestRemoval(grace);
            var _ = host.clientGone().whenComplete((_, _) -> startClosing());
        }
    }

    void startClosing() {
        if (closing) {
            return;
        }
        departure.thawNow(); // whoever wants to take it over hears of it
        closing = true;
        host.keptState().ifPresent(state -> state.want(!host.isReleasing()));
        clients.close();
        CompletableFuture<@Nullable Void> gone = host.clientGone();
        if (!host.hasSession()) {
            finishClosing();
            return;
        }
        if (!host.isReleasing()) {
            removal = Removal.CLIENT_DISCONNECTED;
            host.endSession("the device is taken out of service");
        }
        var _ = gone.whenComplete((_, _) -> finishClosing());
    }

    private void finishClosing() {
        CompletableFuture<@Nullable Void> kept =
                host.keptState()
                        .map(KeptState::finish)
                        .orElseGet(() -> CompletableFuture.completedFuture(null));
        var _ = kept.whenComplete((_, error) -> closed(error));
    }

    private void closed(@Nullable Throwable error) {
        host.closeDevice();
        onClosed.accept(this);
        LOG.info("[{}] closed", name());
        if (error == null) {
            closed.complete(removal);
        } else {
            closed.completeExceptionally(ServeException.of(name(), error));
        }
    }

    @Override
    public String toString() {
        return name() + " on " + endpoint;
    }
}
