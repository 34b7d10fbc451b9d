package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static io.vfiouser.devices.nvme.NvmeHost.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import io.vfiouser.testkit.FiredInterrupt;
import io.vfiouser.testsupport.AllocatedBytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads and writes with data pointers of every shape.
class NvmeDataTest {
    private static final int DISK = 1 << 24;
    private static final long BACK = DATA + 0x10_0000;
    private static final long LIST = DATA + 0x28_0000;
    private static final int DO_NOT_RETRY = 1 << 14;

    @ParameterizedTest
    @CsvSource({
        "0, 512",
        "0, 4096",
        "4, 4096",
        "512, 4096",
        "3584, 512",
        "4092, 8192",
        "0, 8192",
        "2048, 131072",
        "0, 1048576",
        "3584, 1048576"
    })
    void prpsOfAnyShapeCarryTheirData(int offset, int size) {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA + offset, size, size);

            NvmeHost.requireSuccess(queue.run(withPrps(host, WRITE, DATA + offset, size, 0)));
            NvmeHost.requireSuccess(queue.run(withPrps(host, READ, BACK - offset, size, 0)));

            assertThat(host.bytes(BACK - offset, size)).isEqualTo(written);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void prp1MustBeAlignedToDwords(int offset) {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            Answer answer = queue.run(HostCommand.io(READ, 0, 1).data(DATA + offset));

            assertThat(answer.status()).isEqualTo(0x13 | DO_NOT_RETRY);
        }
    }

    @Test
    void misalignedListEntriesAreRefused() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.at(LIST).set(LittleEndian.LONG, 0, BACK + 8);

            Answer answer = queue.run(HostCommand.io(READ, 0, 24).data(DATA, LIST));

            assertThat(answer.status() & 0x7ff).isEqualTo(0x13);
        }
    }

    @Test
    void listThatLeadsToItselfEnds() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            long last = LIST + 4088;
            host.at(last).set(LittleEndian.LONG, 0, LIST);
            for (int i = 0; i < 511; i++) {
                host.at(LIST).set(LittleEndian.LONG, 8L * i, DATA);
            }

            Answer answer = queue.run(HostCommand.io(READ, 0, 2048).data(DATA, last));

            assertThat(answer.status()).isZero();
        }
    }

    @Test
    void listNowhereIsATransferError() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            Answer answer = queue.run(HostCommand.io(READ, 0, 24).data(DATA, 0x7000_0000L));

            assertThat(answer.status() & 0x7ff).isEqualTo(0x04);
        }
    }

    @Test
    void dataNowhereAreATransferError() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            assertThat(queue.run(HostCommand.io(READ, 0, 1).data(0x7000_0000L)).status() & 0x7ff)
                    .isEqualTo(0x04);
            assertThat(queue.run(HostCommand.io(WRITE, 0, 1).data(-4096L)).status() & 0x7ff)
                    .isEqualTo(0x04);
        }
    }

    @Test
    void sglDataBlock() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA + 3, 8192, 1);

            NvmeHost.requireSuccess(
                    queue.run(HostCommand.io(WRITE, 0, 16).flags(0x40).data(DATA + 3, 8192)));
            NvmeHost.requireSuccess(
                    queue.run(HostCommand.io(READ, 0, 16).flags(0x80).data(BACK, 8192)));

            assertThat(host.bytes(BACK, 8192)).isEqualTo(written);
        }
    }

    @Test
    void sglSegmentsInAChain() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA, 1536, 2);
            descriptor(host, LIST, 0, DATA, 500);
            descriptor(host, LIST, 1, LIST + 0x1000, 32 | 3L << 60);
            descriptor(host, LIST + 0x1000, 0, DATA + 500, 12);
            descriptor(host, LIST + 0x1000, 1, DATA + 512, 1024);

            NvmeHost.requireSuccess(
                    queue.run(HostCommand.io(WRITE, 7, 3).flags(0x40).data(LIST, 32 | 2L << 60)));
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 7, 3).data(BACK)));

            assertThat(host.bytes(BACK, 1536)).isEqualTo(written);
        }
    }

    @Test
    void sglsThatMakeNoSenseAreRefused() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            descriptor(host, LIST, 0, LIST, 16 | 2L << 60);

            assertThat(sgl(queue, DATA, 511)).as("too short").isEqualTo(0x0f);
            assertThat(sgl(queue, DATA, 512 | 5L << 60)).as("type 5").isEqualTo(0x11);
            assertThat(sgl(queue, DATA, 512 | 1L << 56)).as("subtype 1").isEqualTo(0x11);
            assertThat(sgl(queue, LIST, 8 | 3L << 60)).as("half a descriptor").isEqualTo(0x0d);
            assertThat(sgl(queue, LIST, 16 | 3L << 60)).as("segment in the last").isEqualTo(0x0d);
            assertThat(sgl(queue, LIST, 16 | 2L << 60)).as("loop").isEqualTo(0x0e);
            descriptor(host, LIST, 0, 0, 256 | 1L << 60);
            descriptor(host, LIST, 1, DATA, 512);
            assertThat(sgl(queue, LIST, 32 | 3L << 60)).as("bit bucket").isEqualTo(0x11);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void blockSizesCountInTheirOwnUnits(int blockSize) {
        var device = NvmeDevice.builder(MemoryBackend.create(DISK)).blockSize(blockSize).build();
        try (var host = NvmeHost.of(device).enable()) {
            HostQueue queue = host.queue(1);
            int last = DISK / blockSize - 1;
            byte[] written = host.fill(DATA, blockSize, 3);

            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, last, 1).data(DATA)));
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, last, 1).data(BACK)));
            Answer beyond = queue.run(HostCommand.io(READ, last, 2).data(BACK, BACK + 4096));

            assertThat(host.bytes(BACK, blockSize)).isEqualTo(written);
            assertThat(beyond.status() & 0x7ff).isEqualTo(0x80);
        }
    }

    @Test
    void namespacesAreSharesThatDoNotOverlap() {
        var device = NvmeDevice.builder(MemoryBackend.create(DISK)).namespaces(3).build();
        try (var host = NvmeHost.of(device).enable()) {
            HostQueue queue = host.queue(1);
            int blocks = host.identify(0, 1).get(LittleEndian.INT, 0);
            List<byte[]> written = new ArrayList<>();
            for (int id = 1; id <= 3; id++) {
                written.add(host.fill(DATA, 512, id));
                for (int lba : new int[] {0, blocks - 1}) {
                    NvmeHost.requireSuccess(
                            queue.run(HostCommand.io(WRITE, lba, 1).namespace(id).data(DATA)));
                }
            }
            for (int id = 1; id <= 3; id++) {
                for (int lba : new int[] {0, blocks - 1}) {
                    NvmeHost.requireSuccess(
                            queue.run(HostCommand.io(READ, lba, 1).namespace(id).data(BACK)));
                    assertThat(host.bytes(BACK, 512)).isEqualTo(written.get(id - 1));
                }
            }
            assertThat(
                            queue.run(HostCommand.io(READ, 0, 1).namespace(4).data(BACK)).status()
                                    & 0x7ff)
                    .isEqualTo(0x0b);
        }
    }

    @Test
    void memoryThatIsReachedByMessagesWorksToo() {
        var device = NvmeDevice.builder(MemoryBackend.create(DISK)).build();
        try (var host = NvmeHost.byMessages(device).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA + 512, 65536, 4);

            NvmeHost.requireSuccess(queue.run(withPrps(host, WRITE, DATA + 512, 65536, 0)));
            NvmeHost.requireSuccess(queue.run(withPrps(host, READ, BACK, 65536, 0)));

            assertThat(host.bytes(BACK, 65536)).isEqualTo(written);
            assertThat(host.tester.dmaMessages()).isNotEmpty();
        }
    }

    @Test
    void oneDoorbellForManyCommandsIsOneInterrupt() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.tester.interrupts();
            // fewer than a turn takes before it looks at the clock, which cold code may run out of
            for (int i = 0; i < 7; i++) {
                queue.put(HostCommand.io(READ, i, 1).id(100 + i).data(DATA + 512L * i));
            }

            queue.ring();
            host.tester.runTasks();

            assertThat(queue.take())
                    .extracting(Answer::commandId)
                    .containsExactly(100, 101, 102, 103, 104, 105, 106);
            assertThat(host.tester.interrupts())
                    .containsExactly(new FiredInterrupt(IrqIndex.MSIX, 1));
        }
    }

    @Test
    void fullCompletionQueueWaitsForItsHost() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1, 4);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 3; i++) {
                    queue.put(HostCommand.io(READ, i, 1).id(i).data(DATA));
                }
                queue.ring();
                host.tester.runTasks();
            }

            assertThat(queue.take()).hasSize(3);
            queue.acknowledge();
            host.tester.runTasks();
            assertThat(queue.take()).hasSize(3);
            queue.acknowledge();
            host.tester.runTasks();
            assertThat(queue.take()).hasSize(3);
        }
    }

    @Test
    void commandMakesNoGarbage() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            HostCommand command = HostCommand.io(WRITE, 0, 8).data(DATA);
            for (int i = 0; i < 20_000; i++) {
                queue.run(command);
            }
            long idle = perRun(queue, HostCommand.of(0x7f));
            long writing = perRun(queue, command);

            // What the tester and this driver make is in both; an error entry is in the first. (A
            // read would count what the tester makes when it is told of dirty pages.)
            assertThat(writing).isLessThanOrEqualTo(idle);
        }
    }

    private static long perRun(HostQueue queue, HostCommand command) {
        int runs = 200;
        for (int i = 0; i < runs; i++) {
            queue.run(command);
        }
        return AllocatedBytes.by(() -> {
            for (int i = 0; i < runs; i++) {
                queue.run(command);
            }
        })
                / runs;
    }

    private static HostCommand withPrps(NvmeHost host, int opcode, long iova, int size, long lba) {
        long first = Math.min(size, 4096 - (iova & 4095));
        long left = size - first;
        HostCommand command = HostCommand.io(opcode, lba, size / 512);
        if (left <= 4096) {
            return command.data(iova, left == 0 ? 0 : iova + first);
        }
        long list = LIST + 4096 - 8 * 3; // so that it goes on in another page
        long at = list;
        for (long page = iova + first; page < iova + size; page += 4096) {
            boolean isLast = page + 4096 >= iova + size;
            if ((at & 4095) == 4088 && !isLast) {
                host.at(at).set(LittleEndian.LONG, 0, LIST + 8192);
                at = LIST + 8192;
            }
            host.at(at).set(LittleEndian.LONG, 0, page);
            at += 8;
        }
        return command.data(iova, list);
    }

    private static int sgl(HostQueue queue, long address, long word) {
        return queue.run(HostCommand.io(READ, 0, 1).flags(0x40).data(address, word)).status()
                & 0x7ff;
    }

    private static void descriptor(NvmeHost host, long list, int index, long address, long word) {
        host.at(list).set(LittleEndian.LONG, 16L * index, address);
        host.at(list).set(LittleEndian.LONG, 16L * index + 8, word);
    }
}
