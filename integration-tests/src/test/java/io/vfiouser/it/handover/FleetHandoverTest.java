package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A hundred devices with a client each go over at once, and how long nobody is served.
@ExtendWith(NoDescriptorLeaks.class)
final class FleetHandoverTest {
    private static final int DEVICES = 100;
    private static final int ROUNDS = 5;
    private static final Duration BOUND = Duration.ofSeconds(5);

    @Test
    void aHundredDevicesGoOver() throws InterruptedException {
        EventLoopGroup loops = EventLoops.of(1).named("clients").daemon(true).start();
        List<VfioUserClient> clients = new ArrayList<>();
        try (var relay = Relay.start();
                var memory = SharedMemory.create("guest", 1 << 20)) {
            var options = ClientOptions.defaults().withEventLoopGroup(loops);
            for (int i = 0; i < DEVICES; i++) {
                var client =
                        VfioUserClient.connect(
                                relay.serve("testdev" + i, TestDevice::new), options);
                clients.add(client);
                client.dmaMap(0, memory, 0, 1 << 20, DmaFlags.READ_WRITE);
                client.irq(2, 0).arm();
                client.region(0).write32(0, i);
            }
            List<Duration> pauses = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                var report = relay.replace();
                assertThat(report.devices()).isEqualTo(DEVICES);
                assertThat(report.clients()).isEqualTo(DEVICES);
                pauses.add(report.pause());
                for (int i = 0; i < DEVICES; i++) {
                    assertThat(clients.get(i).region(0).read32(0)).isEqualTo(i);
                }
            }
            System.out.println("handover of " + DEVICES + " devices, pauses: " + pauses);
            assertThat(pauses).allMatch(pause -> pause.compareTo(BOUND) < 0);
            clients.forEach(VfioUserClient::close);
        } finally {
            loops.shutdownGracefully().syncUninterruptibly();
        }
    }
}
