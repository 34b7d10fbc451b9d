package io.vfiouser.it.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A server on the loops of somebody else.
@ExtendWith(NoDescriptorLeaks.class)
class EmbeddedServerTest {
    private final EventLoopGroup loops = EventLoops.of(1).named("mine").start();

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void leavesTheLoopsRunningWhenItCloses() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (var server =
                    TestServer.start(ServerOptions.defaults().withEventLoopGroup(loops))) {
                Path socket = server.serve("gpio", new GpioDevice());
                // Client and server on one and the same loop.
                try (var client =
                        VfioUserClient.connect(
                                socket, ClientOptions.defaults().withEventLoopGroup(loops))) {
                    client.write(2, 0, 1, 0x5a);
                    assertThat(client.read(2, 1, 1)).isEqualTo(0x5a);
                }
            }
            assertThat(loops.isShuttingDown()).isFalse();
            assertThat(loops.submit(() -> "still here").get()).isEqualTo("still here");
        }
    }

    @Test
    void refusesToBlockOneOfTheLoops() throws Exception {
        try (var server = TestServer.start(ServerOptions.defaults().withEventLoopGroup(loops))) {
            loops.submit(() ->
                            assertThatIllegalStateException()
                                    .isThrownBy(() -> server.server().close())
                                    .withMessageContaining("on an event loop"))
                    .get();
        }
    }
}
