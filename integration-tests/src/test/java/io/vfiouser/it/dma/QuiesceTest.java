package io.vfiouser.it.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything that needs the device to be quiet waits for it, and is refused if it will not be.
@ExtendWith(NoDescriptorLeaks.class)
class QuiesceTest {
    private static final int BAR = 0;
    private static final int CONFIG = 7;
    private static final long IOVA = 0x10_0000;
    private static final long SIZE = 0x4000;

    private final TestServer server = TestServer.start();
    private final SharedMemory memory = SharedMemory.create("guest", SIZE);
    private final QuietDevice device = new QuietDevice();
    private Path socket = Path.of("");
    private Path other = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("quiet", device);
        other = server.serve("other", new QuietDevice());
    }

    @AfterEach
    void close() {
        server.close();
        memory.close();
    }

    /// What the device has to be quiet for, and what follows when it is.
    enum Operation {
        UNMAP("unmapped 0x100000+0x4000 rw mapped"),
        UNMAP_ALL("unmapped 0x100000+0x4000 rw mapped"),
        RESET("reset DEVICE_RESET"),
        FUNCTION_RESET("reset FUNCTION_LEVEL_RESET"),
        STATE("stop");

        private final String event;

        Operation(String event) {
            this.event = event;
        }

        void run(VfioUserClient client) {
            switch (this) {
                case UNMAP -> client.dmaUnmap(IOVA, SIZE);
                case UNMAP_ALL -> client.dmaUnmapAll();
                case RESET -> client.reset();
                case FUNCTION_RESET -> {
                    // The bit of the device control register that resets the function.
                    long capability = client.read(CONFIG, 0x34, 1);
                    client.write(CONFIG, capability + 8, 2, 0x8000);
                }
                case STATE -> client.migration().changeState(MigrationState.STOP);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalIsTheErrorOfTheCommand(Operation operation) {
        device.whenAskedToBeQuiet(() -> {
            throw new DeviceException(Errno.EAGAIN, "not now");
        });
        try (var client = connect()) {
            assertThat(errnoOf(client, operation)).isEqualTo(Errno.EAGAIN);
            client.write(BAR, 0, 4, 7);
            assertThat(device.takeEvents()).containsExactly("quiesce", "resume");
            device.whenAskedToBeQuiet(() -> Completion.DONE);
            operation.run(client);
            assertThat(device.takeEvents()).startsWith("quiesce", operation.event);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureThatComesLaterIsTheErrorToo(Operation operation) throws Exception {
        var quiet = new CompletableFuture<@Nullable Void>();
        device.whenAskedToBeQuiet(() -> Completion.after(quiet));
        try (var client = connect()) {
            var running = CompletableFuture.supplyAsync(() -> errnoOf(client, operation));
            device.awaitQuiesce();
            assertThat(running).isNotDone();
            quiet.completeExceptionally(new DeviceException(Errno.ENOSPC, "no room to park"));
            assertThat(running.join()).isEqualTo(Errno.ENOSPC);
            client.write(BAR, 0, 4, 7);
            assertThat(device.takeEvents()).containsExactly("quiesce", "resume");
            device.whenAskedToBeQuiet(() -> Completion.DONE);
            operation.run(client);
            assertThat(device.takeEvents()).startsWith("quiesce", operation.event);
        }
    }

    @ParameterizedTest
    @EnumSource
    void laterCommandsWaitInOrderAndOtherDevicesGoOn(Operation operation) throws Exception {
        var quiet = new CompletableFuture<@Nullable Void>();
        device.whenAskedToBeQuiet(() -> Completion.after(quiet));
        try (var client = connect();
                var neighbour = VfioUserClient.connect(other)) {
            var running = CompletableFuture.runAsync(() -> operation.run(client));
            device.awaitQuiesce();
            client.post(BAR, 8, 8, 0x1234);
            var reading = client.async().regionRead(BAR, 8, 8);
            neighbour.write(BAR, 0, 4, 1);
            assertThat(neighbour.info().regionCount()).isEqualTo(9);
            assertThat(running).isNotDone();
            assertThat(reading).isNotDone();
            quiet.complete(null);
            running.join();
            assertThat(reading.join()).containsExactly(0x34, 0x12, 0, 0, 0, 0, 0, 0);
            assertThat(device.takeEvents()).startsWith("quiesce", operation.event);
        }
    }

    @Test
    void aDeviceThatWillNotBeQuietIsLeftByItsClientAllTheSame() {
        try (var client = connect()) {
            device.whenAskedToBeQuiet(() -> {
                throw new DeviceException(Errno.EAGAIN, "not now");
            });
            client.info();
        }
        try (var next = VfioUserClient.connect(socket)) {
            assertThat(device.takeEvents())
                    .containsExactly(
                            "quiesce",
                            "unmapped 0x100000+0x4000 rw mapped",
                            "reset CLIENT_GONE",
                            "detach");
            device.whenAskedToBeQuiet(() -> Completion.DONE);
            next.reset();
        }
    }

    private VfioUserClient connect() {
        var client = VfioUserClient.connect(socket);
        client.dmaMap(IOVA, memory, 0, SIZE, DmaFlags.READ_WRITE);
        device.takeEvents();
        return client;
    }

    private static Errno errnoOf(VfioUserClient client, Operation operation) {
        return catchThrowableOfType(RemoteErrorException.class, () -> operation.run(client))
                .errno();
    }
}
