package io.vfiouser.cli;

import io.vfiouser.cli.plan.PlannedDevice;
import io.vfiouser.cli.plan.ServePlan;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Devices in service until it is closed, or a signal ends the process.
final class Service implements AutoCloseable {
    private final VfioUserServer server;
    private final Duration grace;
    private final Runnable afterwards;
    private final OrderlyEnd end;
    private final List<CompletableFuture<?>> closed = new ArrayList<>();

    private Service(ServerOptions options, Duration grace, Runnable afterwards, PrintWriter err) {
        this.server = VfioUserServer.start(options);
        this.grace = grace;
        this.afterwards = afterwards;
        this.end = OrderlyEnd.bySignal(this::endBySignal, grace, err);
    }

    /// Starts without devices.
    ///
    /// @param grace how long clients may take to leave by themselves when a signal ends the process
    /// @param afterwards runs once the sockets are removed, whatever ends the service; maybe twice
    /// @param err is told what goes wrong at the end
    static Service start(
            ServerOptions options, Duration grace, Runnable afterwards, PrintWriter err) {
        return new Service(options, grace, afterwards, err);
    }

    /// Serves all of the plan; a signal meanwhile waits for the last socket.
    ///
    /// @return completes when the first client of any device has left
    synchronized CompletableFuture<?> serve(ServePlan plan) {
        return serve(plan, _ -> {});
    }

    /// The same, where each device is shown to `onServed` as soon as it listens.
    synchronized CompletableFuture<?> serve(ServePlan plan, Consumer<ServedDevice> onServed) {
        List<CompletableFuture<?>> gone = new ArrayList<>();
        for (PlannedDevice planned : plan.devices()) {
            var served =
                    server.serve(
                            planned.name(),
                            planned.factory().get(),
                            planned.endpoint(),
                            planned.service());
            onServed.accept(served);
            gone.add(served.clientGone().toCompletableFuture());
            closed.add(served.whenClosed().toCompletableFuture());
        }
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
        CompletableFuture.allOf(closed.toArray(CompletableFuture<?>[]::new)).join();
    }

    /// Waits for a signal.
    void awaitEnd() throws InterruptedException {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        try (end) {
            server.close();
            afterwards.run();
        }
    }

    private void endBySignal() {
        synchronized (this) {
            server.close(grace);
        }
        try {
            // The command may be closing it too.
            server.awaitShutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        afterwards.run();
    }
}
