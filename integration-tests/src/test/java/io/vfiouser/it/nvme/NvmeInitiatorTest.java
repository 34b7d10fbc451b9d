package io.vfiouser.it.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.DataPointerKind;
import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.nvme.NvmeQueue;
import io.vfiouser.nvme.NvmeStatusException;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The initiator drives the controller, with the data verified.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeInitiatorTest {
    private static final long DISK = 4 << 20;
    private static final NvmeOptions OPTIONS = NvmeOptions.defaults().withMemorySize(8 << 20);

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "memory, TRAPPED, 512, PRP, POLLED",
        "memory, TRAPPED, 4096, SGL, INTERRUPT",
        "memory, MAPPED, 4096, PRP, POLLED",
        "memory, MAPPED, 512, SGL, INTERRUPT",
        "file, TRAPPED, 4096, PRP, POLLED",
        "file, TRAPPED, 512, SGL, INTERRUPT",
        "file, MAPPED, 512, PRP, POLLED"
    })
    void readsBackWhatItWroteAtRandom(
            String backend,
            NvmeDoorbells doorbells,
            int blockSize,
            DataPointerKind pointers,
            CompletionMode mode) {
        var device = NvmeDevice.builder(backend(backend)).blockSize(blockSize).doorbells(doorbells);
        try (var server = TestServer.start();
                var nvme =
                        NvmeInitiator.connect(
                                server.serve("nvme", device.build()),
                                OPTIONS.withDataPointers(pointers));
                var queue = nvme.openQueue(mode)) {
            NvmeNamespace namespace = nvme.namespaces().getFirst();
            assertThat(namespace.blockSize()).isEqualTo(blockSize);
            assertThat(namespace.size()).isEqualTo(DISK);
            int blocks = (int) namespace.blocks();
            try (var work = new VerifiedWorkload(nvme, queue, namespace, 0, blocks, 1500, 42)) {
                work.run();
                assertThat(work.verified()).isGreaterThan(1000);
            }
            queue.flush(namespace);
        }
    }

    @Test
    void learnsWhatTheControllerIs() {
        var device =
                NvmeDevice.builder(MemoryBackend.create(DISK))
                        .serial("S1")
                        .model("A model")
                        .namespaces(3)
                        .queues(5)
                        .build();
        try (var server = TestServer.start();
                var nvme = NvmeInitiator.connect(server.serve("nvme", device), OPTIONS)) {
            assertThat(nvme.controller().serial()).isEqualTo("S1");
            assertThat(nvme.controller().model()).isEqualTo("A model");
            assertThat(nvme.controller().version()).isEqualTo(0x0001_0400);
            assertThat(nvme.controller().takesSgls()).isTrue();
            assertThat(nvme.ioQueues()).isEqualTo(5);
            assertThat(nvme.namespaces()).extracting(NvmeNamespace::id).containsExactly(1, 2, 3);
            assertThat(nvme.namespace(2)).isEqualTo(nvme.namespaces().get(1));
            assertThat(nvme.health().kelvin()).isBetween(273, 350);
            assertThat(nvme.takeEvent()).isEmpty();
        }
    }

    @Test
    void runsEveryCommandOfTheCommandSet() {
        try (var server = TestServer.start();
                var nvme = NvmeInitiator.connect(memoryDisk(server), OPTIONS);
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(8192)) {
            NvmeNamespace namespace = nvme.namespace(1);
            buffer.segment().fill((byte) 0x5a);
            queue.write(namespace, 7, 16, buffer, 0);
            queue.compare(namespace, 7, 16, buffer, 0);
            buffer.segment().set(ValueLayout.JAVA_BYTE, 5000, (byte) 0);
            assertStatus(
                    "Compare: Compare Failure (0x285",
                    0x285,
                    () -> queue.compare(namespace, 7, 16, buffer, 0));

            queue.writeZeroes(namespace, 8, 2, false);
            queue.deallocate(namespace, 10, 2);
            queue.flush(namespace);
            queue.read(namespace, 7, 16, buffer, 0);
            assertThat(byteOf(buffer, 0)).isEqualTo(0x5a);
            for (int block = 1; block < 5; block++) {
                assertThat(byteOf(buffer, block * 512)).as("block %d", block).isZero();
            }
            assertThat(byteOf(buffer, 5 * 512)).isEqualTo(0x5a);
            assertThat(nvme.health().hostReads()).isEqualTo(3);
        }
    }

    @Test
    void namesTheStatusInTheWordsOfTheSpecification() {
        try (var server = TestServer.start();
                var nvme = NvmeInitiator.connect(memoryDisk(server), OPTIONS);
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(4096)) {
            NvmeNamespace namespace = nvme.namespace(1);
            var other = new NvmeNamespace(9, 100, 100, 512);
            assertStatus(
                    "Read: LBA Out of Range (0x080, do not retry)",
                    0x80,
                    () -> queue.read(namespace, namespace.blocks(), 1, buffer, 0));
            assertStatus(
                    "Write: Invalid Namespace or Format (0x00b",
                    0xb,
                    () -> queue.write(other, 0, 1, buffer, 0));
            assertStatus(
                    "Get Log Page 0xc9: Invalid Log Page (0x109", 0x109, () -> nvme.log(0xc9, 512));
            assertStatus(
                    "Identify CNS 0x00: Invalid Namespace or Format",
                    0xb,
                    () -> nvme.namespace(77));
            queue.read(namespace, 0, 8, buffer, 0);
        }
    }

    @Test
    void drivesSixtyFourQueuePairsAtOnce() {
        try (var server = TestServer.start();
                var nvme =
                        NvmeInitiator.connect(
                                memoryDisk(server),
                                OPTIONS.withMemorySize(32 << 20).withQueueEntries(16))) {
            NvmeNamespace namespace = nvme.namespace(1);
            int share = (int) namespace.blocks() / 64;
            List<NvmeQueue> queues = new ArrayList<>();
            List<VerifiedWorkload> work = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                NvmeQueue queue = nvme.openQueue(CompletionMode.POLLED);
                queues.add(queue);
                work.add(
                        new VerifiedWorkload(
                                nvme, queue, namespace, (long) i * share, share, 60, i));
            }
            assertThat(queues.getLast().id()).isEqualTo(64);
            assertThatThrownBy(() -> nvme.openQueue(CompletionMode.POLLED))
                    .hasMessage("queues: 64 open (expected: fewer than 64)");
            Rounds.run(work);
            assertThat(work).allMatch(one -> one.verified() > 0);

            queues.get(30).close();
            assertThat(nvme.openQueue(CompletionMode.INTERRUPT).id()).isEqualTo(31);
        }
    }

    @Test
    void comesBackAfterAnOrderlyEndAndAfterALoss() {
        try (var server = TestServer.start()) {
            Path socket = memoryDisk(server);
            try (var nvme = NvmeInitiator.connect(socket, OPTIONS);
                    var queue = nvme.openQueue(CompletionMode.POLLED);
                    var buffer = nvme.allocate(4096)) {
                buffer.segment().fill((byte) 0x77);
                queue.write(nvme.namespace(1), 3, 8, buffer, 0);
            }
            try (var nvme = NvmeInitiator.connect(socket, OPTIONS);
                    var queue = nvme.openQueue(CompletionMode.INTERRUPT);
                    var buffer = nvme.allocate(4096)) {
                queue.read(nvme.namespace(1), 3, 8, buffer, 0);
                assertThat(byteOf(buffer, 4095)).isEqualTo(0x77);
                server.server().close();
            }
        }
    }

    private Path memoryDisk(TestServer server) {
        return server.serve("nvme", NvmeDevice.builder(MemoryBackend.create(DISK)).build());
    }

    private BlockBackend backend(String name) {
        return name.equals("memory")
                ? MemoryBackend.create(DISK)
                : FileBackend.open(FileSettings.of(directory.resolve("disk.img")).withCreate(DISK));
    }

    private static int byteOf(DmaBuffer buffer, int offset) {
        return buffer.segment().get(ValueLayout.JAVA_BYTE, offset);
    }

    private static void assertStatus(String message, int status, Runnable command) {
        assertThatThrownBy(command::run)
                .isInstanceOfSatisfying(
                        NvmeStatusException.class,
                        e -> assertThat(e.status() & 0x7ff).isEqualTo(status))
                .hasMessageStartingWith(message);
    }
}
