package io.vfiouser.server;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.device.Device;
import io.vfiouser.device.migration.Takeover;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Platform;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Succession;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverReport;
import io.vfiouser.server.observe.LoopStats;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.succession.Arriving;
import io.vfiouser.server.succession.Offering;
import io.vfiouser.server.succession.TakingOver;
import io.vfiouser.server.watch.Watchdog;
import io.vfiouser.transport.EventLoops;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Serves devices on UNIX sockets, each on one event loop, many on the same.
///
/// ```java
/// try (var server = VfioUserServer.start(ServerOptions.defaults())) {
///     server.serve("gpio0", new GpioDevice(), Path.of("/run/vm1/gpio0.sock"));
///     server.awaitShutdown();
/// }
/// ```
///
/// All methods may be called from any thread; those that block refuse to be called on one of the
/// event loops.
public final class VfioUserServer implements AutoCloseable {
    private static final Path NOT_KNOWN_YET = Path.of("");
    private static final int MAX_NAME = 255;

    private final ServerOptions options;
    private final EventLoopGroup group;
    private final boolean ownsGroup;
    private final CapabilitiesJson json;
    private final SessionBudget sessions;
    private final MapBudget maps;
    private final Watchdog watchdog;
    private final Loops loops;
    private final Map<String, ServedDevice> devices = new ConcurrentHashMap<>();
    private final Set<ServedDevice> inService = ConcurrentHashMap.newKeySet();
    private final Listeners listeners;
    private final CountDownLatch shutDown = new CountDownLatch(1);
    private @Nullable Offering offering;
    private boolean closed;

    private VfioUserServer(ServerOptions options, EventLoopGroup group, boolean ownsGroup) {
        this.options = options;
        this.group = group;
        this.ownsGroup = ownsGroup;
        this.listeners = new Listeners(options.listener());
        Limits limits = options.service().limits();
        this.json = jsonWithin(limits);
        this.sessions = new SessionBudget(limits.count(Limit.MAX_SESSIONS));
        this.maps = MapBudget.withinKernelLimit(limits.count(Limit.MAX_SERVER_MAPS));
        this.watchdog = Watchdog.start(limits.duration(Limit.CALLBACK_TIME));
        this.loops = new Loops(group, watchdog, ownsGroup && options.busyPoll().isAlways());
    }

    /// A server without devices.
    ///
    /// @throws IllegalStateException if this platform or JVM lacks something; the message names the
    ///   flag or package to add
    public static VfioUserServer start(ServerOptions options) {
        Objects.requireNonNull(options, "options");
        Platform.ensureSupported();
        return options.eventLoopGroup()
                .map(group -> new VfioUserServer(options, group, false))
                .orElseGet(() ->
                        new VfioUserServer(
                                options,
                                EventLoops.of(options.eventLoops())
                                        .named("vfio-user")
                                        .busyPoll(options.busyPoll())
                                        .cpus(options.cpus())
                                        .start(),
                                true));
    }

    /// Serves a device; when this returns clients can connect.
    ///
    /// @param name unique within the server, 1 to 255 characters; for logs and tools
    /// @param device becomes the server's, which closes it in the end, also if this call fails
    /// @param socket a stale socket file there is replaced; at most 107 bytes long
    /// @throws ServeException if the device's layout or the socket is not right; the message is one
    ///   line that says what and why
    public ServedDevice serve(String name, Device device, Path socket) {
        return serve(name, device, Endpoint.at(socket), options.service());
    }

    /// Serves a device on any kind of socket, with options of its own; else as [#serve(String,
    /// Device, Path)].
    ///
    /// @param endpoint an inherited socket becomes the server's, also if this call fails
    /// @param service how; the device's own limits count in place of the server's
    public ServedDevice serve(
            String name, Device device, Endpoint endpoint, ServiceOptions service) {
        refuseOnLoop("serve(..)", "serveAsync(..)");
        try {
            return serveAsync(name, device, endpoint, service).join();
        } catch (CompletionException e) {
            throw ServeException.of(name, e);
        }
    }

    /// As [#serve], without waiting: completes when clients can connect, or with a
    /// [ServeException].
    public CompletableFuture<ServedDevice> serveAsync(String name, Device device, Path socket) {
        return serveAsync(name, device, Endpoint.at(socket), options.service());
    }

    /// As [#serve(String, Device, Endpoint, ServiceOptions)], without waiting: completes when
    /// clients can connect, or with a [ServeException].
    public CompletableFuture<ServedDevice> serveAsync(
            String name, Device device, Endpoint endpoint, ServiceOptions service) {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(endpoint, "endpoint");
        ServedDevice served;
        try {
            served = add(name, device, endpoint, service);
        } catch (RuntimeException e) {
            device.close();
            if (endpoint instanceof Endpoint.Inherited inherited) {
                Descriptors.close(inherited.socket());
            }
            return CompletableFuture.failedFuture(ServeException.of(name, e));
        }
        return served.listen()
                .handle((_, error) -> {
                    if (error == null) {
                        inService.add(served);
                        Preparation.begin();
                        listeners.deviceServed(name);
                        return served;
                    }
                    drop(served);
                    throw ServeException.of(name, error);
                });
    }

    /// Lets another process of the same user take all devices over, with their clients, by
    /// [#takeOver]. Once it has, this server is closed; each device says so ([Removal#TAKEN_OVER]).
    /// If it cannot, this server goes on as if nothing had been.
    ///
    /// @throws IllegalStateException unless [ServerOptions#handover] is on, or if it is offered
    ///   already
    /// @throws ServeException if the socket cannot be made
    public void offerHandover(HandoverOptions handover) {
        refuseOnLoop("offerHandover(..)", "another thread");
        offer(handover, Optional.empty());
    }

    private synchronized void offer(HandoverOptions handover, Optional<FileDescriptor> listening) {
        if (closed || offering != null || !options.handover()) {
            listening.ifPresent(Descriptors::close);
            throw new IllegalStateException(
                    "handover: "
                            + (closed ? "server closed" : offering != null ? "offered" : "off")
                            + " (expected: ServerOptions.withHandover(true), offered once)");
        }
        try {
            offering =
                    Offering.open(
                            handover,
                            group.next(),
                            () -> devices().stream().map(ServedDevice::leaving).toList(),
                            this::close,
                            listening);
        } catch (IOException e) {
            throw ServeException.of("handover", e);
        }
    }

    /// Takes all devices over from the process that offers it at `socket`, with their clients, who
    /// notice nothing but a pause. From then on this server offers the same, at the same socket.
    ///
    /// @param handover where, and the options of this server's own offer; without a note that has
    ///   the note of the other process
    /// @param succession makes the devices, while the other process still serves
    /// @throws io.vfiouser.server.handover.TakeoverException if it does not come about: the other
    ///   process goes on serving, and this server has no device more than before
    public TakeoverReport takeOver(HandoverOptions handover, Succession succession) {
        refuseOnLoop("takeOver(..)", "another thread");
        TakingOver.Result result =
                TakingOver.run(
                        handover,
                        group.next(),
                        offer -> {
                            Map<String, Successor> all =
                                    Takeover.make(() -> succession.successors(offer));
                            return arrivals(all);
                        });
        if (options.handover()) {
            HandoverOptions next =
                    handover.note().isEmpty() ? handover.withNote(result.offer().note()) : handover;
            offer(next, Optional.of(result.nextOffer()));
        } else {
            Descriptors.close(result.nextOffer());
        }
        return result.report();
    }

    private Map<String, Arriving> arrivals(Map<String, Successor> successors) {
        Map<String, Arriving> arrivals = new LinkedHashMap<>();
        try {
            successors.forEach((name, successor) -> {
                ServedDevice device =
                        addWithoutEndpoint(
                                name,
                                successor.device(),
                                Endpoint.at(NOT_KNOWN_YET),
                                successor.service());
                arrivals.put(name, device.arriving());
            });
            return arrivals;
        } catch (RuntimeException e) {
            arrivals.values().forEach(Arriving::discard);
            successors.forEach((name, successor) -> {
                if (!arrivals.containsKey(name)) {
                    successor.device().close();
                }
            });
            throw e;
        }
    }

    /// The devices that are served, in no particular order.
    public Collection<ServedDevice> devices() {
        return List.copyOf(devices.values());
    }

    /// The device with this name, if it is served.
    public Optional<ServedDevice> device(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(devices.get(name));
    }

    /// What each event loop has to do, by number. [ServedDevice#moveTo] moves devices between them.
    public List<LoopStats> loops() {
        return loops.stats();
    }

    /// Tells a listener, besides that of the options, what happens from now on.
    public void addListener(ServerListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /// Tells a listener nothing any more.
    public void removeListener(ServerListener listener) {
        listeners.remove(Objects.requireNonNull(listener, "listener"));
    }

    /// Waits until the server is closed.
    public void awaitShutdown() throws InterruptedException {
        shutDown.await();
    }

    /// Waits until the server is closed, but not for ever.
    ///
    /// @param timeout how long at most
    /// @return whether it is closed
    public boolean awaitShutdown(Duration timeout) throws InterruptedException {
        return shutDown.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Closes all devices and their clients, removes the sockets, and stops the loops if they are
    /// the server's own.
    ///
    /// @throws ServeException afterwards, if a device's state could not be kept
    ///   ([ServiceOptions#stateDirectory()])
    @Override
    public void close() {
        close(Duration.ZERO);
    }

    /// As [#close()], after the clients had time to leave by themselves: each is asked to, see
    /// [ServedDevice#remove].
    ///
    /// @param grace how long they may take, zero or more
    public void close(Duration grace) {
        refuseOnLoop("close()", "ServedDevice.remove(..)");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Offering offered = offering;
        if (offered != null) {
            offered.close();
        }
        var closing = new ArrayList<CompletableFuture<?>>();
        devices.values().forEach(device -> closing.add(device.remove(grace).toCompletableFuture()));
        try {
            CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw ServeException.of("close", e);
        } finally {
            watchdog.close();
            if (ownsGroup) {
                group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
            }
            shutDown.countDown();
        }
    }

    private synchronized ServedDevice add(
            String name, Device device, Endpoint endpoint, ServiceOptions service) {
        ServedDevice served = addWithoutEndpoint(name, device, endpoint, service);
        try {
            served.takeEndpoint();
            return served;
        } catch (RuntimeException e) {
            drop(served);
            throw e;
        }
    }

    private synchronized ServedDevice addWithoutEndpoint(
            String name, Device device, Endpoint endpoint, ServiceOptions service) {
        Objects.requireNonNull(name, "name");
        if (closed) {
            throw new IllegalStateException("server: closed (expected: open)");
        }
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "name: %d characters (expected: 1 to %d)".formatted(name.length(), MAX_NAME));
        }
        if (devices.containsKey(name)) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: one that no other device has)");
        }
        var place = new DevicePlace(loops, loops.place());
        ServedDevice served;
        try {
            served =
                    new ServedDevice(
                            name,
                            device,
                            endpoint,
                            place,
                            service,
                            json(service),
                            sessions,
                            maps,
                            options.handover(),
                            listeners,
                            this::forget);
        } catch (RuntimeException | Error e) {
            place.leave(); // a layout that is not right
            throw e;
        }
        devices.put(name, served);
        return served;
    }

    /// One reader for all devices with the same limits; each costs memory.
    private CapabilitiesJson json(ServiceOptions service) {
        return service.limits().equals(options.service().limits())
                ? json
                : jsonWithin(service.limits());
    }

    private static CapabilitiesJson jsonWithin(Limits limits) {
        return new CapabilitiesJson(
                limits.count(Limit.MAX_CAPABILITIES_JSON),
                limits.count(Limit.MAX_CAPABILITIES_DEPTH));
    }

    private void drop(ServedDevice device) {
        if (devices.remove(device.name(), device)) {
            device.leavePlace();
        }
    }

    private void forget(ServedDevice device) {
        drop(device);
        if (inService.remove(device)) {
            listeners.deviceClosed(device.name());
        }
    }

    private void refuseOnLoop(String call, String instead) {
        for (var executor : group) {
            if (executor.inEventLoop()) {
                throw new IllegalStateException(
                        call + " on an event loop (expected: another thread, or " + instead + ")");
            }
        }
    }
}
