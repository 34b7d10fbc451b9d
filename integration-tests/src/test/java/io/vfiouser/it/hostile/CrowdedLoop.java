package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.OpenDescriptors;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server with one event loop and several devices on it. One of them is attacked, the clients of
/// the others go on meanwhile and are measured.
///
/// [#during(Attack)] is the whole of a test: afterwards the others have lost nothing and were not
/// held up, the attacked device serves its next client, and as many descriptors are open as before.
final class CrowdedLoop implements AutoCloseable {
    /// Ample, for a machine that does other things as well.
    static final Duration AMPLE = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(CrowdedLoop.class);
    private static final int NEIGHBOURS = 3;
    private static final int ENOUGH_TRIPS = 50;

    private final EventLoopGroup loops = EventLoops.of(1).named("hostile").daemon(true).start();
    private final TestServer server;
    private final Path attacked;
    private final Neighbours neighbours;

    private CrowdedLoop(TestServer server, Device device) {
        this.server = server;
        this.attacked = server.serve("attacked", device);
        var others = new ArrayList<Path>();
        for (int i = 0; i < NEIGHBOURS; i++) {
            others.add(server.serve("neighbour" + i, new TestDevice()));
        }
        this.neighbours = new Neighbours(others);
    }

    /// With a [TestDevice] to attack, and the default limits.
    static CrowdedLoop start() {
        return start(ServerOptions.defaults(), new TestDevice());
    }

    /// With a device to attack, and other options.
    static CrowdedLoop start(ServerOptions options, Device device) {
        return new CrowdedLoop(TestServer.start(options), device);
    }

    /// What a hostile client does; it closes its connections in the end.
    interface Attack {
        void run() throws Exception;
    }

    /// Where the attacked device is.
    Path socket() {
        return attacked;
    }

    /// How the clients of the attacked device behave unless the test says otherwise.
    ClientOptions options() {
        return ClientOptions.defaults().withEventLoopGroup(loops).withTimeout(AMPLE);
    }

    /// A connection to the attacked device that has sent nothing yet.
    RawConnection connect() {
        return RawConnection.connect(attacked, options());
    }

    /// A connection that has negotiated.
    RawConnection negotiated() {
        RawConnection client = connect();
        client.negotiate();
        return client;
    }

    /// A client of the attacked device that keeps to the protocol.
    VfioUserClient client() {
        return VfioUserClient.connect(attacked, options());
    }

    /// Lets time pass in which the others are served.
    void letOthersWork() throws InterruptedException {
        neighbours.awaitTrips(ENOUGH_TRIPS);
    }

    /// Attacks, and finds that nobody else is harmed.
    ///
    /// @return how the others fared
    RoundTrips during(Attack attack) throws Exception {
        visitProperly();
        Map<String, Integer> open = OpenDescriptors.settled();
        var measuring = neighbours.start();
        RoundTrips trips;
        try {
            letOthersWork();
            attack.run();
            letOthersWork();
        } finally {
            trips = neighbours.stop(measuring);
        }
        LOG.info("{}", trips);
        trips.assertUndisturbed();
        visitProperly();
        OpenDescriptors.awaitByKind(open);
        return trips;
    }

    /// The others as they are now, without any of the checks of [#during(Attack)].
    RoundTrips measure(int atLeast) throws Exception {
        var measuring = neighbours.start();
        neighbours.awaitTrips(atLeast);
        return neighbours.stop(measuring);
    }

    /// A client that comes after all others, finds a device that is reset, and goes.
    private void visitProperly() throws Exception {
        CompletionStage<?> gone;
        try (var client = client()) {
            assertThat(client.read(0, 0x100, 4)).isZero();
            assertThat(client.read(1, 0, 4)).isZero();
            client.write(0, 0x100, 4, 0x1234_5678L);
            assertThat(client.read(0, 0x100, 4)).isEqualTo(0x1234_5678L);
            gone = device().clientGone();
        }
        gone.toCompletableFuture().get(AMPLE.toSeconds(), TimeUnit.SECONDS);
    }

    private ServedDevice device() {
        Stream<ServedDevice> devices = server.server().devices().stream();
        return devices.filter(each -> each.name().equals("attacked")).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        neighbours.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
