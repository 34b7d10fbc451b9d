package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.it.fault.ThrowingDevice.DeviceCallback;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A device that throws harms the request at hand, and nothing else.
@ExtendWith(NoDescriptorLeaks.class)
class ThrowingDeviceTest {
    private static final int BAR = ThrowingDevice.BAR;
    private static final long IOVA = 0x10_0000;
    private static final long SIZE = 0x1000;

    private final TestServer server = TestServer.start(ServerOptions.defaults());
    private final ThrowingDevice device = new ThrowingDevice();
    private Path socket = Path.of("");
    private Path other = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("throwing", device);
        other = server.serve("other", new ThrowingDevice());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0x00, EIO",
        "0x04, ENOSPC",
        "0x08, EIO",
        "0x0c, EIO",
        "0x10, EIO",
        "0x14, EBUSY",
        "0x1c, EIO"
    })
    void writeGetsItsErrnoAndTheNextOneWorks(String offset, String errno) {
        try (var client = VfioUserClient.connect(socket);
                var neighbour = VfioUserClient.connect(other)) {
            for (int round = 0; round < 3; round++) {
                assertThat(errnoOf(() -> client.write(BAR, Long.decode(offset), 4, 0)))
                        .hasToString(errno);
                assertWorks(client, round);
                assertWorks(neighbour, round);
            }
        }
    }

    @Test
    void readGetsEioAndTheNextOneWorks() {
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(errnoOf(() -> client.read(BAR, ThrowingDevice.THROWING_READ, 4)))
                    .isEqualTo(Errno.EIO);
            assertWorks(client, 1);
        }
    }

    @Test
    void postedWriteThatThrowsIsNotAnswered() {
        try (var client = VfioUserClient.connect(socket)) {
            client.post(BAR, ThrowingDevice.RUNTIME_EXCEPTION, 4, 1);
            client.post(BAR, ThrowingDevice.FAILED_STAGE, 4, 1);
            assertWorks(client, 7);
        }
    }

    @Test
    void deviceThatThrowsInAttachRefusesThatClientOnly() {
        device.throwIn(DeviceCallback.ATTACH);
        assertThatExceptionOfType(ClientException.class)
                .isThrownBy(() -> VfioUserClient.connect(socket).close());
        device.throwNowhere();
        try (var client = VfioUserClient.connect(socket)) {
            assertWorks(client, 2);
        }
    }

    @Test
    void nothingRunsForAClientWhoseAttachHasThrown() {
        var tasks = new AtomicInteger();
        var halfWay =
                new Device() {
                    private final AtomicBoolean throwing = new AtomicBoolean(true);

                    @Override
                    public DeviceLayout layout() {
                        return device.layout();
                    }

                    @Override
                    public void attach(DeviceContext context) {
                        context.execute(tasks::incrementAndGet);
                        if (throwing.getAndSet(false)) {
                            throw new IllegalStateException("thrown by a test");
                        }
                    }
                };
        Path path = server.serve("half-way", halfWay);
        assertThatExceptionOfType(ClientException.class)
                .isThrownBy(() -> VfioUserClient.connect(path).close());
        VfioUserClient.connect(path).close();
        server.server().close();
        assertThat(tasks).as("of the second client only").hasValue(1);
    }

    @Test
    void mapThatTheDeviceThrowsAtIsUndone() {
        try (var client = VfioUserClient.connect(socket);
                var memory = SharedMemory.create("guest", SIZE)) {
            device.throwIn(DeviceCallback.MEMORY_MAPPED);
            assertThat(errnoOf(() -> map(client, memory))).isEqualTo(Errno.EIO);
            device.throwNowhere();
            assertThat(errnoOf(() -> client.dmaUnmap(IOVA, SIZE))).isEqualTo(Errno.ENOENT);
            map(client, memory);
            client.dmaUnmap(IOVA, SIZE);
        }
    }

    @Test
    void unmapThatTheDeviceThrowsAtLeavesTheRegion() {
        try (var client = VfioUserClient.connect(socket);
                var memory = SharedMemory.create("guest", SIZE)) {
            map(client, memory);
            device.throwIn(DeviceCallback.QUIESCE);
            assertThat(errnoOf(() -> client.dmaUnmap(IOVA, SIZE))).isEqualTo(Errno.EIO);
            device.throwNowhere();
            client.dmaUnmap(IOVA, SIZE);
        }
    }

    @Test
    void resetThatTheDeviceThrowsAtLeavesItRunning() {
        try (var client = VfioUserClient.connect(socket)) {
            device.throwIn(DeviceCallback.RESET);
            assertThat(errnoOf(client::reset)).isEqualTo(Errno.EIO);
            assertThat(device.quiesced()).isZero();
            device.throwNowhere();
            client.reset();
            assertThat(device.quiesced()).isZero();
        }
    }

    @Test
    void deviceThatThrowsInEveryStepOfACleanUpIsReadyForTheNextClient() {
        try (var memory = SharedMemory.create("guest", SIZE)) {
            for (int round = 0; round < 3; round++) {
                device.throwNowhere();
                try (var client = VfioUserClient.connect(socket)) {
                    map(client, memory);
                    device.throwInAllBut(DeviceCallback.ATTACH);
                    assertWorks(client, round);
                }
            }
        }
        try (var client = VfioUserClient.connect(socket)) {
            assertWorks(client, 3);
        }
    }

    private static void map(VfioUserClient client, SharedMemory memory) {
        client.dmaMap(IOVA, memory, 0, SIZE, DmaFlags.READ_WRITE);
    }

    private static void assertWorks(VfioUserClient client, int value) {
        client.write(BAR, ThrowingDevice.SCRATCH, 4, value);
        assertThat(client.read(BAR, ThrowingDevice.SCRATCH, 4)).isEqualTo(value);
    }

    private static Errno errnoOf(ThrowingCallable call) {
        return catchThrowableOfType(RemoteErrorException.class, call).errno();
    }
}
