package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.plan.PlannedDevice;
import io.vfiouser.cli.plan.ServePlan;
import io.vfiouser.device.Device;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.handover.HandoverOffer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Predecessor;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.handover.TakeoverReport;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.state.StateDirectory;
import io.vfiouser.server.state.StateException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Devices in service until it is closed, or a signal ends the process.
final class Service implements AutoCloseable {
    private final VfioUserServer server;
    private final Duration grace;
    private final Runnable afterwards;
    private final Consumer<ServedDevice> onServed;
    private final OrderlyEnd end;
    private final List<CompletableFuture<?>> closed = new ArrayList<>();
    private final List<CompletableFuture<?>> gone = new ArrayList<>();

    private Service(
            ServerOptions options,
            Duration grace,
            Runnable afterwards,
            Consumer<ServedDevice> onServed,
            PrintWriter err) {
        this.server = VfioUserServer.start(options);
        this.grace = grace;
        this.afterwards = afterwards;
        this.onServed = onServed;
        this.end = OrderlyEnd.bySignal(this::endBySignal, grace, err);
    }

    /// Starts without devices.
    ///
    /// @param grace how long clients may take to leave by themselves when a signal ends the process
    /// @param afterwards runs once the sockets are removed, whatever ends the service; maybe twice
    /// @param onServed is shown each device as soon as it listens
    /// @param err is told what goes wrong at the end
    static Service start(
            ServerOptions options,
            Duration grace,
            Runnable afterwards,
            Consumer<ServedDevice> onServed,
            PrintWriter err) {
        return new Service(options, grace, afterwards, onServed, err);
    }

    /// Serves devices; a signal meanwhile waits for the last socket.
    ///
    /// @throws CommandException before the first one is served, if one has a state that cannot be
    ///   used
    synchronized void serve(List<PlannedDevice> devices) {
        devices.forEach(Service::checkState);
        for (PlannedDevice planned : devices) {
            watch(
                    server.serve(
                            planned.name(),
                            planned.factory().get(),
                            planned.endpoint(),
                            planned.service()));
        }
    }

    private static void checkState(PlannedDevice planned) {
        try {
            planned.service()
                    .stateDirectory()
                    .ifPresent(path -> StateDirectory.at(path).check(planned.name()));
        } catch (StateException e) {
            throw new CommandException("--state: " + e.getMessage(), e);
        }
    }

    /// Lets another process take all devices over.
    synchronized void offerHandover(HandoverOptions handover) {
        server.offerHandover(handover);
    }

    /// Takes over from another process, and serves what the plan has besides.
    ///
    /// @param planner makes the plan from what the other process says of itself
    /// @param out is told how it went
    /// @return the plan
    synchronized ServePlan takeOver(
            HandoverOptions handover, Function<String, ServePlan> planner, PrintWriter out) {
        var plan = new AtomicReference<@Nullable ServePlan>();
        TakeoverReport report;
        try {
            report =
                    server.takeOver(
                            handover,
                            offer -> {
                                ServePlan made = planner.apply(offer.note());
                                plan.set(made);
                                return successors(offer, made);
                            });
        } catch (TakeoverException e) {
            throw new CommandException("--takeover: " + e.getMessage(), e);
        }
        server.devices().forEach(this::watch);
        out.println("took over " + report);
        ServePlan made = Objects.requireNonNull(plan.get());
        Set<String> there =
                server.devices().stream().map(ServedDevice::name).collect(Collectors.toSet());
        serve(made.devices().stream().filter(device -> !there.contains(device.name())).toList());
        return made;
    }

    private static Map<String, Successor> successors(HandoverOffer offer, ServePlan plan) {
        Set<String> offered =
                offer.devices().stream().map(Predecessor::name).collect(Collectors.toSet());
        Map<String, Successor> successors = new LinkedHashMap<>();
        try {
            for (PlannedDevice planned : plan.devices()) {
                if (offered.contains(planned.name())) {
                    Device device = planned.factory().get();
                    successors.put(planned.name(), new Successor(device, planned.service()));
                }
            }
            return successors;
        } catch (RuntimeException e) {
            successors.values().forEach(made -> made.device().close());
            throw e;
        }
    }

    private void watch(ServedDevice device) {
        onServed.accept(device);
        gone.add(device.clientGone().toCompletableFuture());
        closed.add(device.whenClosed().toCompletableFuture());
    }

    /// Completes when the first client of any device has left.
    synchronized CompletableFuture<?> firstClientGone() {
        return CompletableFuture.anyOf(gone.toArray(CompletableFuture<?>[]::new));
    }

    /// What serves them.
    VfioUserServer server() {
        return server;
    }

    /// What to print when all devices listen.
    static String readyLine(ServePlan plan) {
        return "ready pid=%d devices=%d"
                .formatted(ProcessHandle.current().pid(), plan.devices().size());
    }

    /// Waits until all devices are closed, which those whose one client came with them are when it
    /// has left.
    void awaitClosed() {
        closed().join();
    }

    /// Completes when all devices are closed.
    synchronized CompletableFuture<?> closed() {
        return CompletableFuture.allOf(closed.toArray(CompletableFuture<?>[]::new));
    }

    /// Waits for a signal.
    void awaitEnd() throws InterruptedException {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        try (end) {
            try {
                server.close();
            } finally {
                afterwards.run();
            }
        }
    }

    private void endBySignal() {
        try {
            synchronized (this) {
                server.close(grace);
            }
            // The command may be closing it too.
            server.awaitShutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            afterwards.run();
        }
    }
}
