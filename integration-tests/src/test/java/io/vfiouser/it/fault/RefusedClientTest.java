package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a client has sent behind that for which it is disconnected, in the same system call.
@ExtendWith(NoDescriptorLeaks.class)
class RefusedClientTest {
    private static final Duration AMPLE = Duration.ofSeconds(20);

    /// DEVICE_GET_INFO, id 2.
    private static final String INFO =
            "02000400200000000000000000000000" + "10000000000000000000000000000000";

    /// VERSION 0.0 without JSON, id 1.
    private static final String VERSION = "01000100140000000000000000000000" + "00000000";

    /// A message of type 2.
    private static final String NEITHER_COMMAND_NOR_REPLY = "03000400100000000200000000000000";

    private final BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    private final TestServer server =
            TestServer.start(
                    ServerOptions.defaults()
                            .withListener(
                                    new ServerListener() {
                                        @Override
                                        public void clientDetached(
                                                String device, long session, String reason) {
                                            reasons.add(reason);
                                        }
                                    }));

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aGoodVersionBehindARefusedOneDoesNotCount() {
        var device = new CountingDevice();
        try (var raw = RawConnection.connect(server.serve("counting", device))) {
            raw.send(bytes(INFO + VERSION + INFO));
            try (RawFrame refusal = raw.receive()) {
                assertThat(refusal.header().messageId()).isEqualTo(2);
                assertThat(refusal.header().error()).isEqualTo(Errno.EINVAL.number());
            }
            assertThat(raw.awaitClosed(AMPLE)).isTrue();
        }
        server.server().close();
        assertThat(device.attached).hasValue(0);
    }

    @Test
    void commandsBeforeAMessageThatCannotBeFollowedAreAnswered() throws Exception {
        try (var raw = RawConnection.connect(server.serve("gpio", new GpioDevice()))) {
            raw.negotiate();
            raw.send(bytes(INFO + NEITHER_COMMAND_NOR_REPLY));
            try (RawFrame info = raw.receive()) {
                assertThat(info.header().messageId()).isEqualTo(2);
                assertThat(info.header().error()).isZero();
            }
            assertThat(raw.awaitClosed(AMPLE)).isTrue();
            assertThat(reasons.poll(20, TimeUnit.SECONDS)).startsWith("message type: 2");
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /// Counts its clients.
    private static final class CountingDevice implements Device {
        private final AtomicInteger attached = new AtomicInteger();

        @Override
        public DeviceLayout layout() {
            return new GpioDevice().layout();
        }

        @Override
        public void attach(DeviceContext context) {
            attached.incrementAndGet();
        }
    }
}
