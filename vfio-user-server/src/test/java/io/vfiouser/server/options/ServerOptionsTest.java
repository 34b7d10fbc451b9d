package io.vfiouser.server.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.transport.BusyPoll;
import org.junit.jupiter.api.Test;

class ServerOptionsTest {
    @Test
    void changesOneOptionAndKeepsTheRest() {
        var listener = new ServerListener() {};
        ServerOptions options =
                ServerOptions.defaults()
                        .withEventLoops(3)
                        .withBusyPoll(BusyPoll.ALWAYS)
                        .withListener(listener)
                        .withLimits(Limits.defaults().with(Limit.MAX_DMA_REGIONS, 7));
        assertThat(options.eventLoops()).isEqualTo(3);
        assertThat(options.busyPoll()).isEqualTo(BusyPoll.ALWAYS);
        assertThat(options.listener()).isSameAs(listener);
        assertThat(options.service().limits().of(Limit.MAX_DMA_REGIONS)).isEqualTo(7);

        ServerOptions standard = ServerOptions.defaults();
        assertThat(standard.eventLoops()).isEqualTo(1);
        assertThat(standard.busyPoll()).isEqualTo(BusyPoll.NEVER);
        assertThat(standard.listener()).isSameAs(ServerListener.NONE);
        assertThat(standard.eventLoopGroup()).isEmpty();
    }

    @Test
    void refusesLoopsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerOptions.defaults().withEventLoops(0))
                .withMessage("eventLoops: 0 (expected: 1 to 1024)");
    }
}
