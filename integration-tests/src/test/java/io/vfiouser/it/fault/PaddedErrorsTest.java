package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Error replies for Cloud Hypervisor, which reads as many bytes as a good reply has, whatever the
/// header says.
@ExtendWith(NoDescriptorLeaks.class)
class PaddedErrorsTest {
    private static final int EINVAL = 22;
    private static final int ENOENT = 2;
    private static final int NO_REGION = 77;

    private TestServer server =
            TestServer.start(
                    ServerOptions.defaults()
                            .withService(ServiceOptions.defaults().withPadErrors(true)));

    @AfterEach
    void close() {
        server.close();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(new RegionRead(NO_REGION, 0, 4), EINVAL, 16 + 4),
                Arguments.of(new RegionRead(NO_REGION, 0, 4096), EINVAL, 16 + 4096),
                Arguments.of(new RegionRead(NO_REGION, 0, 0x7fff_ffff), EINVAL, 16),
                Arguments.of(
                        new RegionWrite(NO_REGION, 0, Unpooled.wrappedBuffer(new byte[4])),
                        EINVAL,
                        16),
                Arguments.of(DmaUnmap.region(0x1000, 0x1000), ENOENT, 24),
                Arguments.of(new DeviceGetRegionInfo(32, NO_REGION), EINVAL, 32),
                Arguments.of(new DeviceGetIrqInfo(16, NO_REGION), EINVAL, 16),
                Arguments.of(new DmaMap(new DmaFlags(0x80), 0, 0x1000, 0x1000), EINVAL, 0));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void haveTheSizeOfTheGoodReply(ClientRequest request, int errno, int bodySize) {
        var socket = server.serve("gpio", new GpioDevice());
        try (var client = RawConnection.connect(socket, ClientOptions.likeCloudHypervisor())) {
            client.negotiate();
            client.send(7, request, FdBundle.empty());
            try (var reply = client.receive()) {
                assertThat(reply.header().messageId()).isEqualTo(7);
                assertThat(reply.header().isError()).isTrue();
                assertThat(reply.header().error()).isEqualTo(errno);
                assertThat(reply.bytes().readableBytes()).isEqualTo(16 + bodySize);
            }
            // The stream is still in step.
            client.send(8, new RegionRead(7, 0, 2), FdBundle.empty());
            try (var reply = client.receive()) {
                assertThat(reply.header().isError()).isFalse();
                assertThat(reply.bytes().getUnsignedShortLE(32)).isEqualTo(0x494f);
            }
        }
    }

    @Test
    void dataOfARefusedReadAreAllOnes() {
        var socket = server.serve("gpio", new GpioDevice());
        try (var client = RawConnection.connect(socket, ClientOptions.likeCloudHypervisor())) {
            client.negotiate();
            client.send(1, new RegionRead(NO_REGION, 0, 4), FdBundle.empty());
            try (var reply = client.receive()) {
                ByteBuf bytes = reply.bytes();
                assertThat(bytes.getLongLE(16)).isZero();
                assertThat(bytes.getLongLE(24)).isZero();
                assertThat(bytes.getIntLE(32)).isEqualTo(-1);
            }
        }
    }

    @Test
    void areAHeaderAloneUnlessAskedFor() {
        server.close();
        server = TestServer.start();
        var socket = server.serve("gpio", new GpioDevice());
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            client.send(1, new RegionRead(NO_REGION, 0, 4), FdBundle.empty());
            try (var reply = client.receive()) {
                assertThat(reply.bytes().readableBytes()).isEqualTo(16);
                assertThat(reply.header().isError()).isTrue();
            }
        }
    }
}
