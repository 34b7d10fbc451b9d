package io.vfiouser.server;

import io.netty.channel.EventLoop;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.os.SocketRole;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.legacy.LegacyDialect;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.observe.Tapping;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.session.CurrentDialect;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.server.session.ServerDialect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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

    private final Endpoint endpoint;
    private final EventLoop loop;
    private final DeviceHost host;
    private final ClientSource clients;
    private final Consumer<ServedDevice> onClosed;
    private final CompletableFuture<Removal> closed = new CompletableFuture<>();
    private Removal removal = Removal.NO_CLIENT;
    private boolean removing;
    private boolean closing;

    ServedDevice(
            String name,
            Device device,
            Endpoint endpoint,
            EventLoop loop,
            ServiceOptions options,
            CapabilitiesJson json,
            SessionBudget sessions,
            MapBudget maps,
            ServerListener listener,
            Consumer<ServedDevice> onClosed) {
        this.endpoint = endpoint;
        this.loop = loop;
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
                        listener,
                        this::clientReleased);
        // Last, as nobody would close its socket if the device's layout were refused.
        this.clients =
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

    /// Completes when the device is closed, whoever wanted it.
    public CompletionStage<Removal> whenClosed() {
        return closed.minimalCompletionStage();
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

    /// Closes the client's connection, removes the socket, closes the device; waits for all of it.
    @Override
    public void close() {
        if (loop.inEventLoop()) {
            throw new IllegalStateException(
                    "close() on the device's event loop (expected: another thread, or"
                            + " closeAsync())");
        }
        closeAsync().join();
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
            closed.completeExceptionally(
                    new IllegalStateException(
                            name() + ": event loop: ended (expected: after its devices)", e));
        }
    }

    /// Opens the socket; on failure everything is closed.
    CompletableFuture<@Nullable Void> listen() {
        var listening = new CompletableFuture<@Nullable Void>();
        try {
            loop.execute(() -> clients.open(listening));
        } catch (RejectedExecutionException e) {
            listening.completeExceptionally(e);
        }
        return listening.whenComplete((_, error) -> {
            if (error != null) {
                startClosing();
            }
        });
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
        var limit = loop.schedule(this::startClosing, nanos, TimeUnit.NANOSECONDS);
        var _ = host.clientGone().whenComplete((_, _) -> limit.cancel(false));
        if (!removing) {
            removing = true;
            host.requestRemoval(grace);
            var _ = host.clientGone().whenComplete((_, _) -> startClosing());
        }
    }

    private void startClosing() {
        if (closing) {
            return;
        }
        closing = true;
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
        host.closeDevice();
        onClosed.accept(this);
        LOG.info("[{}] closed", name());
        closed.complete(removal);
    }

    @Override
    public String toString() {
        return name() + " on " + endpoint;
    }
}
