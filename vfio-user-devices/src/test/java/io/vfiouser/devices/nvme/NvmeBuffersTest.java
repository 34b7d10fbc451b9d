package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.block.filter.ErrorFilter;
import io.vfiouser.devices.block.filter.ErrorSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Commands whose data go through buffers, of which a controller has so many.
final class NvmeBuffersTest {
    private static final int DISK = 1 << 24;
    private static final ErrorSettings QUIET =
            new ErrorSettings(0, BlockStatus.IO_ERROR, ErrorSettings.Target.ALL, 0, Path.of("/"));
    private static final int VERIFY = 0x0c;
    private static final int GET_LOG_PAGE = 0x02;

    @Test
    void commandsBeyondThemWaitAndAreDone() {
        var disk = new HoldingBackend(DISK);
        var device = NvmeDevice.builder(disk).bufferMemory(2 << 20).build();
        try (var host = NvmeHost.of(device).enable()) {
            HostQueue queue = host.queue(1, 64);
            disk.hold();
            for (int i = 0; i < 24; i++) { // a buffer of 128 KiB each
                queue.put(HostCommand.io(VERIFY, 0, 256).id(i));
            }
            queue.ring();
            host.tester.runTasks();
            assertThat(disk.held()).isEqualTo(16);
            assertThat(queue.take()).isEmpty();

            disk.release();
            host.tester.runTasks();

            assertThat(queue.take()).extracting(Answer::status).hasSize(24).containsOnly(0);
        }
    }

    @Test
    void theFirstThatWaitsIsTheFirstToHaveOne() {
        var disk = new HoldingBackend(DISK);
        var device = NvmeDevice.builder(disk).bufferMemory(2 << 20).build();
        try (var host = NvmeHost.byMessages(device).enable()) {
            HostQueue queue = host.queue(1);
            long list = DATA + 0x20_0000;
            for (int page = 1; page < 256; page++) {
                host.at(list).set(LittleEndian.LONG, 8L * (page - 1), DATA);
            }
            disk.hold();
            for (int i = 0; i < 6; i++) { // 1 MiB each
                queue.put(HostCommand.io(NvmeHost.READ, 0, 2048).id(i).data(DATA, list));
            }
            queue.ring();
            host.tester.runTasks();
            assertThat(disk.held()).isEqualTo(2);
            disk.release();
            host.tester.runTasks();
            assertThat(queue.take())
                    .extracting(Answer::commandId)
                    .containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    @Test
    void everyCommandThatTheStorageFailsIsAMediaError() {
        var errors = new ErrorFilter(MemoryBackend.create(DISK), QUIET);
        try (var host = NvmeHost.of(NvmeDevice.builder(errors).build()).enable()) {
            HostQueue queue = host.queue(1);
            int[] opcodes = {0x00, 0x01, 0x02, 0x05, 0x08, 0x0c}; // Flush to Verify
            for (int opcode : opcodes) {
                errors.failNext(1, BlockStatus.MEDIA_ERROR);
                int status = queue.run(HostCommand.io(opcode, 0, 1).data(DATA)).status();
                assertThat(status & 0x7ff).as("opcode %d", opcode).isIn(0x280, 0x281);
            }
            NvmeHost.requireSuccess(
                    host.admin()
                            .run(
                                    HostCommand.of(GET_LOG_PAGE)
                                            .namespace(-1)
                                            .data(DATA)
                                            .dword(10, 127 << 16 | 2)));
            assertThat(host.at(DATA).get(LittleEndian.LONG, 160)).isEqualTo(opcodes.length);
        }
    }

    @Test
    void thereAreTwoMebibytesAtLeast() {
        var builder = NvmeDevice.builder(MemoryBackend.create(DISK)).bufferMemory(4096);
        assertThatThrownBy(builder::build)
                .hasMessage("buffermemory: 4096 (expected: 2097152 to 4294967296)");
    }
}
