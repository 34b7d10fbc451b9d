package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RawConnection;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many connections at once, and many in turn. That nothing of a thousand clients that vanish at
/// any byte stays, mappings included, is in `it.fault.AbruptEndTest`.
@ExtendWith(NoDescriptorLeaks.class)
class ConnectionStormTest {
    private static final int FLOOD = 300;
    private static final int RECONNECTS = 300;

    private final CrowdedLoop loop = CrowdedLoop.start();

    @AfterEach
    void close() {
        loop.close();
    }

    /// The backlog holds some of them; the others are told at once, or time out.
    @Test
    void aFloodOfConnectionsTakesNobodyElsesTurn() throws Exception {
        loop.during(() -> {
            List<RawConnection> flood = new ArrayList<>();
            int refused = 0;
            try (var first = loop.client()) {
                var options = loop.options().withTimeout(Duration.ofMillis(4));
                while (flood.size() + refused < FLOOD) {
                    try {
                        flood.add(RawConnection.connect(loop.socket(), options));
                    } catch (UncheckedIOException e) {
                        refused++;
                    }
                }
                loop.letOthersWork();
                assertThat(first.read(0, 0, 4)).isZero();
            }
            flood.forEach(RawConnection::close);
        });
    }

    @Test
    void reconnectsWithMemoryAndInterruptsLeaveNothing() throws Exception {
        var arm = new DeviceSetIrqs(2, 0, 1, IrqAction.TRIGGER, new IrqData.Eventfd());
        try (var memory = SharedMemory.create("hostile", 0x1_0000);
                var eventFd = EventFd.create()) {
            var _ = memory.fd();
            loop.during(() -> {
                for (int i = 0; i < RECONNECTS; i++) {
                    try (var client = loop.negotiated()) {
                        client.send(
                                Wire.map(1, 3, 0, 0x1000, 0x1_0000),
                                FdBundle.of(memory.duplicate()));
                        client.send(2, arm, FdBundle.of(Descriptors.duplicate(eventFd.fd())));
                        client.send(Wire.read(3, 0, 0, 4));
                        for (int id = 1; id <= 3; id++) {
                            try (var reply = client.receive()) {
                                assertThat(reply.header().messageId()).isEqualTo(id);
                                assertThat(reply.header().isError()).isFalse();
                            }
                        }
                    }
                }
            });
        }
    }
}
