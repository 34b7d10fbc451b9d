package io.vfiouser.it.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many devices on one loop, all with a client at the same time.
@ExtendWith(NoDescriptorLeaks.class)
class ManyDevicesTest {
    private static final int DEVICES = 256;
    private static final int ROUNDS = 20;
    private static final int MSIX = 2;
    private static final long BELL = 0;

    @Test
    void eachKeepsItsOwnRegistersAndInterrupts() throws Exception {
        EventLoopGroup loops = EventLoops.of(1).named("client").daemon(true).start();
        var options =
                ClientOptions.defaults()
                        .withEventLoopGroup(loops)
                        .withTimeout(Duration.ofSeconds(30));
        try (var server = TestServer.start();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Future<?>>();
            for (int i = 0; i < DEVICES; i++) {
                Path socket = server.serve("testdev" + i, new TestDevice());
                int number = i;
                work.add(threads.submit(() -> use(socket, options, number)));
            }
            awaitAll(work);
            assertThat(server.server().devices()).hasSize(DEVICES);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static void use(Path socket, ClientOptions options, int number) {
        try (var client = VfioUserClient.connect(socket, options)) {
            var irq = client.irq(MSIX, number % 8);
            irq.arm();
            for (int round = 0; round < ROUNDS; round++) {
                long value = (long) number << 16 | round;
                client.post(0, 8L * round, 8, value);
                assertThat(client.read(0, 8L * round, 8)).isEqualTo(value);
                client.write(2, BELL, 4, number % 8);
            }
            assertThat(irq.take()).isEqualTo(ROUNDS);
        }
    }

    private static void awaitAll(List<Future<?>> work)
            throws InterruptedException, ExecutionException {
        for (Future<?> each : work) {
            each.get();
        }
    }
}
