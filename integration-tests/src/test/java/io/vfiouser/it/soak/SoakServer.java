package io.vfiouser.it.soak;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.device.Device;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The server of a soak: for each worker one device of each kind.
final class SoakServer implements AutoCloseable {
    /// How long anything may take. No time-out is tested here, so a soak that was stopped for some
    /// minutes, by a debugger or a suspended machine, finds nothing.
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final double FAULTS = 0.1;
    private static final int LOOPS = 2;

    private final EventLoopGroup clientLoops =
            EventLoops.of(1).named("soak-client").daemon(true).start();
    private final TestServer server = TestServer.start(serverOptions());
    private final ClientOptions options =
            ClientOptions.defaults().withEventLoopGroup(clientLoops).withTimeout(PATIENCE);

    /// The sockets of one worker's devices.
    record Sockets(Path testdev, Path faulty, Path edu, Path timer, Path nextTimer, Path nvme) {}

    private static ServerOptions serverOptions() {
        ServerOptions defaults = ServerOptions.defaults().withEventLoops(LOOPS);
        // Garbage is logged, and here is much of it.
        return defaults.withLimits(
                defaults.service()
                        .limits()
                        .with(Limit.MAX_LOG_LINES_PER_SECOND, 1)
                        .with(Limit.NEGOTIATION_TIMEOUT, PATIENCE)
                        .with(Limit.MESSAGE_TIMEOUT, PATIENCE)
                        .with(Limit.PEER_CALL_TIMEOUT, PATIENCE)
                        .with(Limit.LEASE_TIMEOUT, PATIENCE));
    }

    /// Serves the devices of a worker.
    Sockets sockets(int worker) {
        var faults = new ErrorFilter(ErrorSettings.ofReads(ErrorRule.random(Errno.EIO, FAULTS)));
        return new Sockets(
                serve("testdev", worker, new TestDevice()),
                serve("faulty", worker, FilteredDevice.of(new TestDevice(), faults)),
                serve("edu", worker, new EduDevice(EduSettings.DEFAULTS)),
                serve("timer", worker, new TimerDevice()),
                serve("next-timer", worker, new TimerDevice()),
                serve("nvme", worker, NvmeDevice.builder(MemoryBackend.create(1 << 20)).build()));
    }

    /// How clients connect.
    ClientOptions options() {
        return options;
    }

    /// Serves one more device.
    Path serve(String name, int worker, Device device) {
        return server.serve(name + worker, device);
    }

    /// Takes a device out of service and waits for it.
    void remove(String name, int worker) {
        server.server().devices().stream()
                .filter(device -> device.name().equals(name + worker))
                .findFirst()
                .orElseThrow()
                .close();
    }

    /// Waits until no client is there any more, and all of them is released.
    void awaitIdle() {
        for (ServedDevice device : server.server().devices()) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (device.clientAttached()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(device + ": still has a client");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    @Override
    public void close() {
        server.close();
        clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
