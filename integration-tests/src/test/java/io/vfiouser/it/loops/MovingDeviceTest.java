package io.vfiouser.it.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.nvme.VerifiedWorkload;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.LoopStats;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A device goes from one event loop to another while its client is at work, to and fro at least a
/// hundred times, and the client notices nothing.
@ExtendWith(NoDescriptorLeaks.class)
final class MovingDeviceTest {
    private static final int MOVES = 100;
    private static final int ROUNDS = 20;
    private static final int DISK = 4 << 20;

    private final TestServer server = TestServer.start(ServerOptions.defaults().withEventLoops(2));

    @TempDir Path directory;

    @AfterEach
    void close() {
        server.close();
    }

    private ServedDevice served(String name) {
        return server.server().device(name).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "memory, TRAPPED, POLLED",
        "memory, MAPPED, INTERRUPT",
        "file, TRAPPED, INTERRUPT",
        "file, MAPPED, POLLED"
    })
    void aDiskGoesOnWithItsDataVerified(
            String backend, NvmeDoorbells doorbells, CompletionMode mode) throws Exception {
        var storage =
                backend.equals("memory")
                        ? MemoryBackend.create(DISK)
                        : FileBackend.open(
                                FileSettings.of(directory.resolve("disk")).withCreate(DISK));
        Path socket =
                server.serve("nvme", NvmeDevice.builder(storage).doorbells(doorbells).build());
        try (var nvme =
                        NvmeInitiator.connect(
                                socket, NvmeOptions.defaults().withMemorySize(8 << 20));
                var queue = nvme.openQueue(mode)) {
            NvmeNamespace disk = nvme.namespaces().getFirst();
            int blocks = (int) disk.blocks();
            try (var work = new VerifiedWorkload(nvme, queue, disk, 0, blocks, 0, 42);
                    var moves = Moves.start(served("nvme"))) {
                while (moves.count() <= MOVES || work.verified() < 5000) {
                    work.more(500);
                    work.run();
                }
                moves.end();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryByMessagesGoesOn(boolean twinSocket) throws Exception {
        int size = 1 << 20;
        MemorySegment source = NativeMemory.allocate(size);
        MemorySegment target = NativeMemory.allocate(size);
        byte[] random = new byte[size];
        new Random(6).nextBytes(random);
        source.copyFrom(MemorySegment.ofArray(random));
        Path socket = server.serve("testdev", new TestDevice());
        ClientOptions options = ClientOptions.defaults().withTwinSocket(twinSocket);
        options = options.withCapabilities(options.capabilities().withMaxDataXferSize(4096));
        try (var client = VfioUserClient.connect(socket, options);
                var moves = Moves.start(served("testdev"))) {
            client.dmaMapWithoutDescriptor(0x1000_0000, source, DmaFlags.READ_WRITE);
            client.dmaMapWithoutDescriptor(0x2000_0000, target, DmaFlags.READ_WRITE);
            for (int i = 0; moves.count() <= MOVES || i < ROUNDS; i++) {
                target.fill((byte) 0);
                DmaCommands.copy(client, 0x1000_0000, 0x2000_0000, size, DmaCommands.BY_MESSAGE);
                assertThat(target.mismatch(source)).isEqualTo(-1);
            }
            moves.end();
        }
    }

    @Test
    void callsTheDeviceOnOneThreadAtATimeInOrder() throws Exception {
        var device = new WanderingDevice();
        Path socket = server.serve("wanderer", device);
        ServedDevice served = served("wanderer");
        try (var client = VfioUserClient.connect(socket);
                var moves = Moves.start(served)) {
            var irq = client.irq(0, 0);
            irq.arm();
            int number = 0;
            while (moves.count() <= MOVES || number < ROUNDS * 50) {
                for (int i = 0; i < 50; i++) {
                    client.post(0, number % 7 == 0 ? 4 : 0, 4, ++number);
                    device.execute(number);
                }
                assertThat(client.read(0, 0, 4)).isEqualTo(number);
                assertThat(irq.await(Duration.ofSeconds(10))).isPositive();
            }
            moves.end();
            assertThat(served.call(device::wrong).get()).isEmpty();
            assertThat(served.call(device::threads).get()).hasSize(2);
        }
    }

    @Test
    void timersAndDoorbellsComeWhereTheDeviceIs() throws Exception {
        var device = new WanderingDevice();
        Path socket = server.serve("wanderer", device);
        ServedDevice served = served("wanderer");
        try (var client = VfioUserClient.connect(socket);
                var doorbells = client.doorbells(0);
                var moves = Moves.start(served)) {
            for (int i = 0; moves.count() <= MOVES || i < ROUNDS * 10; i++) {
                client.write(0, 8, 4, i % 300);
                assertThat(doorbells.write(WanderingDevice.DOORBELL, 4, 1)).isTrue();
                device.rung.acquire();
                device.elapsed.acquire();
            }
            moves.end();
            assertThat(served.call(device::wrong).get()).isEmpty();
        }
    }

    @Test
    void clientsComeAndGoMeanwhile() throws Exception {
        Path socket = server.serve("testdev", new TestDevice());
        try (var moves = Moves.start(served("testdev"))) {
            for (int i = 0; moves.count() <= MOVES || i < ROUNDS; i++) {
                try (var client = VfioUserClient.connect(socket)) {
                    client.write(0, 16, 4, 7);
                    assertThat(client.read(0, 16, 4)).isEqualTo(7);
                }
            }
            moves.end();
        }
    }

    @Test
    void tellsWhereDevicesAre() throws Exception {
        for (int i = 0; i < 4; i++) {
            server.serve("testdev" + i, new TestDevice());
        }
        assertThat(server.server().loops()).extracting(LoopStats::devices).containsExactly(2, 2);

        ServedDevice moved = served("testdev0");
        int target = 1 - moved.loop();
        moved.moveTo(target).get();
        moved.moveTo(target).get();

        assertThat(moved.loop()).isEqualTo(target);
        assertThat(server.server().loops().get(target).devices()).isEqualTo(3);
        moved.close();
        assertThat(server.server().loops()).extracting(LoopStats::devices).containsExactly(1, 2);
    }

    @Test
    void refusesALoopThatIsNotThere() {
        server.serve("testdev", new TestDevice());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> served("testdev").moveTo(2))
                .withMessage("loop: 2 (expected: 0 to 1)");
    }

    @Test
    void staysOnceItIsBeingTakenOutOfService() {
        Path socket = server.serve("testdev", new TestDevice());
        ServedDevice served = served("testdev");
        try (var client = VfioUserClient.connect(socket)) {
            client.read(0, 16, 4);
            served.remove(Duration.ofMinutes(1));

            assertThatThrownBy(() -> served.moveTo(1 - served.loop()).get())
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage(
                            "testdev: being taken out of service or over (expected: in service, to"
                                    + " be moved)");
        }
    }
}
