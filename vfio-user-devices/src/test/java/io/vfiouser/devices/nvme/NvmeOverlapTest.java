package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.CREATE_CQ;
import static io.vfiouser.devices.nvme.NvmeHost.CREATE_SQ;
import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.RAM;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static io.vfiouser.devices.nvme.NvmeHost.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import org.junit.jupiter.api.Test;

/// Things that happen while commands are still at work.
class NvmeOverlapTest {
    private static final int DISK = 1 << 24;
    private static final int DELETE_SQ = 0x00;
    private static final int DELETE_CQ = 0x04;
    private static final int COMPARE = 0x05;
    private static final int VERIFY = 0x0c;
    private static final int DOORBELL_BUFFER = 0x7c;
    private static final int FORMAT = 0x80;
    private static final int CODE = 0x7ff;

    @Test
    void queueIsThereUntilItsCommandsHaveEnded() {
        var disk = new HoldingBackend(DISK);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).build()).enable()) {
            HostQueue queue = host.queue(1);
            disk.hold();
            start(host, queue, HostCommand.io(READ, 0, 1).id(7).data(DATA));
            start(host, host.admin(), HostCommand.of(DELETE_SQ).id(1).dword(10, 1));
            assertThat(host.admin().take()).as("while a command is at work").isEmpty();

            assertThat(status(host, HostCommand.of(DELETE_CQ).dword(10, 1))).isEqualTo(0x10c);
            assertThat(status(host, HostCommand.of(DELETE_SQ).dword(10, 1))).isEqualTo(0x101);
            assertThat(status(host, create(CREATE_SQ, 0x10_0000, 16, 1))).isEqualTo(0x101);

            disk.release();
            host.tester.runTasks();
            assertThat(queue.take()).extracting(Answer::commandId).containsExactly(7);
            assertThat(host.admin().take()).extracting(Answer::commandId).containsExactly(1);
            host.admin().acknowledge();
            assertThat(status(host, HostCommand.of(DELETE_CQ).dword(10, 1))).isZero();
        }
    }

    @Test
    void formatWaitsForCommandsThatCountInOldBlocks() {
        var disk = new HoldingBackend(DISK);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).build()).enable()) {
            HostQueue queue = host.queue(1);
            disk.hold();
            start(host, queue, HostCommand.io(VERIFY, 1, 1).data(DATA));
            start(host, host.admin(), HostCommand.of(FORMAT).namespace(1).dword(10, 1));
            start(host, queue, HostCommand.io(READ, 0, 1).data(DATA));
            assertThat(queue.take()).extracting(Answer::status).containsExactly(0x84);
            assertThat(host.admin().take()).isEmpty();

            disk.release();
            host.tester.runTasks();

            assertThat(queue.take()).extracting(Answer::status).containsExactly(0);
            assertThat(host.admin().take()).extracting(Answer::status).containsExactly(0);
        }
    }

    @Test
    void resetDoesNotWaitForAllOfAFormat() {
        var disk = new HoldingBackend(1L << 40);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).build()).enable()) {
            disk.hold();
            start(host, host.admin(), HostCommand.of(FORMAT).namespace(1).dword(10, 1));
            host.tester.write("CC", 0);
            disk.release();
            host.tester.runTasks();

            assertThat(host.tester.read("CSTS")).isZero();
            assertThat(host.enable().identify(0, 1).get(LittleEndian.LONG, 0))
                    .as("blocks, as they were")
                    .isEqualTo((1L << 40) / 512);
        }
    }

    @Test
    void fusedPairsOfSeveralQueuesTakeTurns() {
        var device = NvmeDevice.builder(MemoryBackend.create(DISK)).build();
        try (var host = NvmeHost.byMessages(device).enable()) {
            HostQueue[] queues = {host.queue(1), host.queue(2), host.queue(3)};
            for (HostQueue queue : queues) {
                queue.put(HostCommand.io(COMPARE, 0, 1).flags(1).data(DATA));
                queue.put(HostCommand.io(WRITE, 0, 1).flags(2).data(DATA));
                queue.ring();
            }
            host.tester.runTasks();

            for (HostQueue queue : queues) {
                assertThat(queue.take()).extracting(Answer::status).containsExactly(0, 0);
            }
        }
    }

    @Test
    void queueWithHalfAPairCanBeDeleted() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            queue.put(HostCommand.io(COMPARE, 0, 1).flags(1).data(DATA));
            queue.put(HostCommand.io(WRITE, 0, 1).flags(2).data(DATA));
            queue.ring();
            host.tester.write(0, 0x1000 + 8, 4, 1); // takes the second half back

            NvmeHost.requireSuccess(host.admin().run(HostCommand.of(DELETE_SQ).dword(10, 1)));
        }
    }

    @Test
    void sharesStayWhereTheyAreWhenTheStorageGrows() {
        var disk = MemoryBackend.create(DISK, 2L * DISK);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).namespaces(2).build()).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA, 512, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 0, 1).namespace(2).data(DATA)));

            disk.resize(2L * DISK);
            host.tester.runTasks();

            NvmeHost.requireSuccess(
                    queue.run(HostCommand.io(READ, 0, 1).namespace(2).data(DATA + 4096)));
            assertThat(host.bytes(DATA + 4096, 512)).isEqualTo(written);
            assertThat(host.identify(0, 2).get(LittleEndian.LONG, 0)).isEqualTo(DISK / 2 / 512);
        }
    }

    @Test
    void hostOfAFullCompletionQueueIsAskedToRingEachTime() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            long shadow = DATA + 0x10_0000;
            long events = shadow + 0x1000;
            NvmeHost.requireSuccess(
                    host.admin().run(HostCommand.of(DOORBELL_BUFFER).data(shadow, events)));
            assertThat(status(host, create(CREATE_CQ, 0x3_0000, 4, 1))).isZero();
            assertThat(status(host, create(CREATE_SQ, 0x2_0000, 16, 1))).isZero();
            var queue = new HostQueue(host.tester, host.ram, 1, 16, 0x2_0000, 0x3_0000);
            for (int i = 0; i < 9; i++) {
                queue.put(HostCommand.io(READ, i, 1).id(i).data(DATA));
            }
            host.at(shadow).set(LittleEndian.INT, 8, 9);
            queue.ring();
            host.tester.runTasks();
            assertThat(host.at(events).get(LittleEndian.INT, 12)).isZero();

            host.at(shadow).set(LittleEndian.INT, 12, 3);
            host.tester.write(0, 0x100c, 4, 3);
            host.tester.runTasks();

            assertThat(host.at(events).get(LittleEndian.INT, 12))
                    .as("event index: three more completions wait for room")
                    .isEqualTo(3);
        }
    }

    private static void start(NvmeHost host, HostQueue queue, HostCommand command) {
        queue.put(command);
        queue.ring();
        host.tester.runTasks();
    }

    private static int status(NvmeHost host, HostCommand command) {
        return host.admin().run(command).status() & CODE;
    }

    private static HostCommand create(int opcode, long ring, int entries, int id) {
        int flags = opcode == CREATE_CQ ? 3 : id << 16 | 1;
        return HostCommand.of(opcode)
                .data(RAM + ring)
                .dword(10, (entries - 1) << 16 | id)
                .dword(11, flags);
    }
}
