package io.vfiouser.cli;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Predecessor;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes devices over from itself, again and again, before devices are taken over from another
/// process: guests wait while that happens, and code that has just been loaded is slow.
///
/// The other process serves all the while. A rehearsal that does not come about costs the guests a
/// longer pause, and nothing else.
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final String TYPE = "testdev";
    private static final int DEVICES = 64;

    /// Open files of one of them and its client, while it is there twice.
    private static final int FILES = 16;

    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int MSIX = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ServerOptions options = options();
    private final Supplier<Device> maker = DeviceTypes.installed().type(TYPE).configure(Map.of());
    private final RehearsalFiles files;
    private final HandoverOptions handover;
    private VfioUserServer server;

    private Rehearsal(RehearsalFiles files) {
        this.files = files;
        this.handover = HandoverOptions.at(files.socket("handover"));
        this.server = VfioUserServer.start(options);
    }

    private static ServerOptions options() {
        ServerOptions defaults = ServerOptions.defaults().withHandover(true);
        var limits = defaults.service().limits().with(Limit.MAX_LOG_LINES_PER_SECOND, 1);
        return defaults.withLimits(limits);
    }

    /// Rehearses for some seconds.
    ///
    /// @param sockets where sockets can be made, if they cannot in the directory for temporary
    ///   files, as in a sandbox
    static void run(Path sockets) throws InterruptedException {
        try (var files = RehearsalFiles.make(sockets)) {
            var rehearsal = new Rehearsal(files);
            try {
                int times = rehearsal.repeat();
                LOG.debug("rehearsed {} times", times);
            } finally {
                rehearsal.server.close();
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("takeover: not rehearsed, guests may wait longer: {}", e.toString());
            LOG.debug("takeover: not rehearsed", e);
        }
    }

    private int repeat() throws InterruptedException {
        EventLoopGroup loops = EventLoops.of(1).named("rehearsal").daemon(true).start();
        var connection = ClientOptions.defaults().withEventLoopGroup(loops);
        List<VfioUserClient> clients = new ArrayList<>();
        try (var memory = SharedMemory.create("rehearsal", 1 << 20)) {
            int devices = OpenFiles.allowed().map(Rehearsal::affordable).orElse(DEVICES);
            for (int i = 0; i < devices; i++) {
                String name = "rehearsal" + i;
                Path socket = files.socket(name);
                server.serve(name, maker.get(), socket);
                var client = VfioUserClient.connect(socket, connection);
                clients.add(client);
                client.dmaMap(0, memory, 0, memory.size(), DmaFlags.READ_WRITE);
                client.irq(MSIX, 0).arm();
            }
            server.offerHandover(handover);
            long began = System.nanoTime();
            int times = 0;
            while (System.nanoTime() - began < TIME.toNanos()) {
                replace();
                clients.forEach(client -> client.read(0, 0, 4));
                times++;
            }
            return times;
        } finally {
            clients.forEach(VfioUserClient::close);
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static int affordable(OpenFiles files) {
        return Math.clamp(files.left() / FILES, 0, DEVICES);
    }

    private void replace() throws InterruptedException {
        VfioUserServer next = VfioUserServer.start(options);
        try {
            var _ =
                    next.takeOver(
                            handover,
                            offer ->
                                    offer.devices().stream()
                                            .collect(
                                                    Collectors.toMap(
                                                            Predecessor::name,
                                                            _ ->
                                                                    new Successor(
                                                                            maker.get(),
                                                                            ServiceOptions
                                                                                    .defaults()))));
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
        VfioUserServer before = server;
        server = next;
        if (!before.awaitShutdown(PATIENCE)) {
            throw new IllegalStateException(
                    "server that was taken over: open after %s (expected: closed)"
                            .formatted(PATIENCE));
        }
    }
}
