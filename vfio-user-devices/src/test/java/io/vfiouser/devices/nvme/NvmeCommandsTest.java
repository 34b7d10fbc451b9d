package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static io.vfiouser.devices.nvme.NvmeHost.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The I/O commands besides reads and writes.
class NvmeCommandsTest {
    private static final int DISK = 1 << 24;
    private static final long BACK = DATA + 0x10_0000;
    private static final int FLUSH = 0x00;
    private static final int COMPARE = 0x05;
    private static final int WRITE_ZEROES = 0x08;
    private static final int DATASET_MANAGEMENT = 0x09;
    private static final int VERIFY = 0x0c;
    private static final int FIRST = 1;
    private static final int SECOND = 2;
    private static final int CODE = 0x7ff;

    @Test
    void flushOfOneNamespaceAndOfAll() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            NvmeHost.requireSuccess(queue.run(HostCommand.of(FLUSH).namespace(1)));
            NvmeHost.requireSuccess(queue.run(HostCommand.of(FLUSH).namespace(-1)));
            assertThat(queue.run(HostCommand.of(FLUSH).namespace(2)).status() & CODE)
                    .isEqualTo(0x0b);
        }
    }

    @Test
    void writeZeroesLeavesZeros() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 4096, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 0, 8).data(DATA)));

            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE_ZEROES, 1, 6)));
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 8).data(BACK)));

            assertThat(host.bytes(BACK, 512)).isEqualTo(host.bytes(DATA, 512));
            assertThat(host.bytes(BACK + 512, 3072)).containsOnly(0);
            assertThat(host.bytes(BACK + 3584, 512)).isEqualTo(host.bytes(DATA + 3584, 512));
        }
    }

    @Test
    void deallocatesRangeByRange() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 4096, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 0, 8).data(DATA)));
            range(host, 0, 0, 1);
            range(host, 1, 4, 0);
            range(host, 2, 7, 1);

            NvmeHost.requireSuccess(queue.run(deallocate(3)));
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 8).data(BACK + 8192)));

            assertThat(host.bytes(BACK + 8192, 512)).containsOnly(0);
            assertThat(host.bytes(BACK + 8704, 3072)).isEqualTo(host.bytes(DATA + 512, 3072));
            assertThat(host.bytes(BACK + 11776, 512)).containsOnly(0);
        }
    }

    @Test
    void deallocationBeyondTheEndChangesNothing() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 512, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 0, 1).data(DATA)));
            range(host, 0, 0, 1);
            range(host, 1, DISK / 512, 1);

            assertThat(queue.run(deallocate(2)).status() & CODE).isEqualTo(0x80);

            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 1).data(BACK + 8192)));
            assertThat(host.bytes(BACK + 8192, 512)).isEqualTo(host.bytes(DATA, 512));
        }
    }

    @Test
    void compareTellsSameFromDifferent() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 1024, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 5, 2).data(DATA)));

            NvmeHost.requireSuccess(queue.run(HostCommand.io(COMPARE, 5, 2).data(DATA)));
            host.at(DATA).set(ValueLayout.JAVA_BYTE, 1023, (byte) ~host.bytes(DATA, 1024)[1023]);

            assertThat(queue.run(HostCommand.io(COMPARE, 5, 2).data(DATA)).status() & CODE)
                    .isEqualTo(0x285);
        }
    }

    @Test
    void verifyReadsMoreThanATransferMayHave() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            NvmeHost.requireSuccess(queue.run(HostCommand.io(VERIFY, 0, DISK / 512)));
            assertThat(queue.run(HostCommand.io(VERIFY, 1, DISK / 512)).status() & CODE)
                    .isEqualTo(0x80);
        }
    }

    @Test
    void fusedPairWritesIfTheCompareHolds() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 512, 1);
            host.fill(DATA + 512, 512, 2);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(WRITE, 0, 1).data(DATA)));

            assertThat(pair(host, queue)).containsExactly(0, 0);
            assertThat(pair(host, queue)).containsExactly(0x285, 0x09);

            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 1).data(BACK)));
            assertThat(host.bytes(BACK, 512)).isEqualTo(host.bytes(DATA + 512, 512));
        }
    }

    @Test
    void halfAPairIsAborted() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            Answer alone = queue.run(HostCommand.io(COMPARE, 0, 1).flags(FIRST).data(DATA));
            Answer second = queue.run(HostCommand.io(WRITE, 0, 1).flags(SECOND).data(DATA));

            assertThat(alone.status()).isEqualTo(0x0a);
            assertThat(second.status()).isEqualTo(0x0a);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 1).data(BACK)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x04, 0x0d, 0x11, 0x7f, 0xff})
    void unsupportedOpcodesAreRefused(int opcode) {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            Answer answer = queue.run(HostCommand.of(opcode).namespace(1).data(DATA));

            assertThat(answer.status()).isEqualTo(0x4001);
        }
    }

    @Test
    void transfersAreLimited() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);

            Answer answer = queue.run(HostCommand.io(READ, 0, 2049).data(DATA, DATA));

            assertThat(answer.status() & CODE).isEqualTo(0x02);
        }
    }

    private static int[] pair(NvmeHost host, HostQueue queue) {
        queue.put(HostCommand.io(COMPARE, 0, 1).flags(FIRST).data(DATA));
        queue.put(HostCommand.io(WRITE, 0, 1).flags(SECOND).data(DATA + 512));
        queue.ring();
        host.tester.runTasks();
        int[] statuses = queue.take().stream().mapToInt(answer -> answer.status() & CODE).toArray();
        queue.acknowledge();
        return statuses;
    }

    private static HostCommand deallocate(int ranges) {
        return HostCommand.of(DATASET_MANAGEMENT)
                .namespace(1)
                .data(BACK)
                .dword(10, ranges - 1)
                .dword(11, 4);
    }

    private static void range(NvmeHost host, int index, long lba, int blocks) {
        host.at(BACK).set(LittleEndian.INT, 16L * index + 4, blocks);
        host.at(BACK).set(LittleEndian.LONG, 16L * index + 8, lba);
    }
}
