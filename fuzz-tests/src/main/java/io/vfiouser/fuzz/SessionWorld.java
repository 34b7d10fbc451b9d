package io.vfiouser.fuzz;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.os.PeerDescriptors;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.transport.EventLoops;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// One server with a device of each kind, for all inputs of one process.
final class SessionWorld {
    private static final int TRIES = 200;

    /// How long descriptors that may be slow to close, and are closed beside the loops, may take.
    private static final Duration CLOSING = Duration.ofSeconds(30);

    private static final int MAX_DEVICE_MEMORY = 16;
    private static final File DESCRIPTORS = new File("/proc/self/fd");

    // Last, as it uses the others.
    static final SessionWorld INSTANCE = new SessionWorld();

    private final LogWatch log = LogWatch.begin();
    private final EventLoopGroup clients =
            EventLoops.of(1).named("fuzz-client").daemon(true).start();
    private final EventLoopGroup loops = EventLoops.of(1).named("fuzz-server").daemon(true).start();
    private final ServerOptions options =
            ServerOptions.defaults().withEventLoopGroup(loops).withService(service());
    private final VfioUserServer server = VfioUserServer.start(options);
    private final Path directory = newDirectory();
    private final List<ServedDevice> devices =
            List.of(
                    serve("testdev", Dialect.CURRENT, new TestDevice()),
                    serve("timer", Dialect.CURRENT, new TimerDevice()),
                    serve("timer-legacy", Dialect.LEGACY, new TimerDevice()),
                    serve(
                            "nvme",
                            Dialect.CURRENT,
                            NvmeDevice.builder(MemoryBackend.create(1 << 20)).build()),
                    serve("edu", Dialect.CURRENT, new EduDevice(EduSettings.DEFAULTS)),
                    serve("testdev-legacy", Dialect.LEGACY, new TestDevice()));

    private int deviceMemory;

    private SessionWorld() {
        devices.forEach(this::visit);
        deviceMemory = countDeviceMemory();
    }

    /// One of the devices.
    ServedDevice device(int choice) {
        return devices.get(choice % devices.size());
    }

    /// What was logged.
    LogWatch log() {
        return log;
    }

    /// How a client connects to a device.
    ClientOptions client(ServedDevice device) {
        ClientOptions dialect =
                device.name().endsWith("-legacy")
                        ? ClientOptions.likeLegacySample()
                        : ClientOptions.defaults();
        return dialect.withEventLoopGroup(clients).withTimeout(Duration.ofSeconds(10));
    }

    /// A good client comes and is served.
    void visit(ServedDevice device) {
        var gone = device.clientGone();
        try (var client = VfioUserClient.connect(device.socket(), client(device))) {
            if (client.info().regionCount() < 9) {
                throw new AssertionError("regions: fewer than 9");
            }
        }
        gone.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /// How many descriptors are open now.
    static int openDescriptors() {
        return names().length;
    }

    /// Finds as many descriptors as before; the client's own loop may be a moment late, and devices
    /// make their own memory when it is first used.
    void checkDescriptors(int before) throws InterruptedException {
        long deadline = System.nanoTime() + CLOSING.toNanos();
        while (PeerDescriptors.pending() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(1);
        }
        int now = openDescriptors();
        for (int i = 0; now > before && i < TRIES; i++) {
            loops.next().submit(() -> {}).sync();
            clients.next().submit(() -> {}).sync();
            now = openDescriptors();
        }
        if (now > before) {
            int known = deviceMemory;
            deviceMemory = countDeviceMemory();
            if (now - before > deviceMemory - known || deviceMemory > MAX_DEVICE_MEMORY) {
                throw new AssertionError(
                        "descriptors: %d, before %d, of which memory of devices %d, before %d"
                                .formatted(now, before, deviceMemory, known));
            }
        }
    }

    private static int countDeviceMemory() {
        int count = 0;
        for (String name : names()) {
            count += target(name).startsWith("/memfd:") ? 1 : 0;
        }
        return count;
    }

    private static String target(String name) {
        try {
            return Files.readSymbolicLink(DESCRIPTORS.toPath().resolve(name)).toString();
        } catch (IOException _) {
            return ""; // the directory's own, closed by now
        }
    }

    private static String[] names() {
        return Objects.requireNonNull(DESCRIPTORS.list(), "no /proc");
    }

    private ServedDevice serve(String name, Dialect dialect, Device device) {
        return server.serve(
                name,
                device,
                Endpoint.at(directory.resolve(name)),
                options.service().withDialect(dialect));
    }

    private static ServiceOptions service() {
        ServiceOptions defaults = ServiceOptions.defaults();
        return defaults.withLimits(
                defaults.limits()
                        .with(Limit.MAX_LOG_LINES_PER_SECOND, 1 << 20)
                        .with(Limit.PEER_CALL_TIMEOUT, Duration.ofSeconds(2).toNanos()));
    }

    private static Path newDirectory() {
        try {
            Path directory = Files.createTempDirectory("fuzz");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
