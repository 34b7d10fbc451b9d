package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Clients that write and read a register of their devices in turn, one after the other, and note
/// how long each takes.
final class Neighbours implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EventLoopGroup loops = EventLoops.of(1).named("neighbours").daemon(true).start();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final List<VfioUserClient> clients = new ArrayList<>();
    private final Semaphore trips = new Semaphore(0);
    private volatile boolean stopping;

    Neighbours(List<Path> sockets) {
        var options = ClientOptions.defaults().withEventLoopGroup(loops).withTimeout(PATIENCE);
        for (Path socket : sockets) {
            clients.add(VfioUserClient.connect(socket, options));
        }
    }

    /// Starts to measure.
    Future<RoundTrips> start() {
        stopping = false;
        return thread.submit(this::measure);
    }

    /// Waits until so many more round trips have been made, which are being measured.
    void awaitTrips(int count) throws InterruptedException {
        trips.drainPermits();
        assertThat(trips.tryAcquire(count, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%d round trips of the others within %s", count, PATIENCE)
                .isTrue();
    }

    /// Ends the measuring.
    ///
    /// @param measuring what [#start()] returned
    /// @throws ExecutionException if a round trip was lost or went wrong
    RoundTrips stop(Future<RoundTrips> measuring) throws InterruptedException, ExecutionException {
        stopping = true;
        return measuring.get();
    }

    private RoundTrips measure() {
        var nanos = new ArrayList<Long>();
        for (int i = 1; !stopping; i++) {
            VfioUserClient client = clients.get(i % clients.size());
            long start = System.nanoTime();
            client.write(0, 0, 4, i);
            long written = System.nanoTime();
            assertThat(client.read(0, 0, 4)).isEqualTo(i);
            nanos.add(written - start);
            nanos.add(System.nanoTime() - written);
            trips.release();
        }
        return RoundTrips.of(nanos);
    }

    @Override
    public void close() {
        stopping = true;
        thread.close();
        clients.forEach(VfioUserClient::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
