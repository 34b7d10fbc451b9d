package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static io.vfiouser.devices.nvme.NvmeHost.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a pause does, as a client makes one to unmap memory or to migrate.
final class NvmePauseTest {
    private static final int DISK = 1 << 24;
    private static final int COMPARE = 0x05;
    private static final int FORMAT = 0x80;
    private static final int SET_FEATURES = 0x09;
    private static final int KEEP_ALIVE_TIMER = 0x0f;
    private static final int FATAL = 2;

    @Test
    void aFormatGoesOnAfterIt() {
        var disk = new HoldingBackend(1L << 30);
        var device = NvmeDevice.builder(disk).build();
        try (var host = NvmeHost.of(device).enable()) {
            beginFormat(host, disk);

            pause(host, device, disk);
            assertThat(host.admin().take()).as("while it is quiet").isEmpty();

            device.resume();
            host.tester.runTasks();
            assertThat(host.admin().take()).extracting(Answer::commandId).containsExactly(5);
            host.admin().acknowledge();
            assertThat(blockSizeOf(host)).isEqualTo(12);
        }
    }

    @Test
    void aFormatMovesWithTheController() {
        var disk = new HoldingBackend(1L << 30);
        var device = NvmeDevice.builder(disk).build();
        try (var host = NvmeHost.of(device).enable()) {
            beginFormat(host, disk);
            pause(host, device, disk);
            byte[] state = host.tester.saveState();
            host.tester.reset(ResetReason.DEVICE_RESET);
            assertThat(host.tester.read("CSTS")).isZero();

            host.tester.loadState(state);
            host.tester.runTasks();

            assertThat(host.admin().take()).extracting(Answer::commandId).containsExactly(5);
            host.admin().acknowledge();
            assertThat(blockSizeOf(host)).isEqualTo(12);
        }
    }

    @Test
    void aHalfFetchedPairIsDoneBeforeIt() {
        var disk = new HoldingBackend(DISK);
        var device = NvmeDevice.builder(disk).build();
        try (var host = NvmeHost.byMessages(device).enable()) {
            HostQueue queue = host.queue(1);
            queue.put(HostCommand.io(COMPARE, 0, 1).flags(1).id(1).data(DATA));
            queue.put(HostCommand.io(WRITE, 0, 1).flags(2).id(2).data(DATA));
            queue.ring();

            Completion quiet = device.quiesce(); // whatever of it has been fetched by now
            host.tester.runTasks();
            assertThat(quiet.stage().toCompletableFuture()).isDone();
            device.resume();
            host.tester.runTasks();

            assertThat(queue.take()).extracting(Answer::status).containsExactly(0, 0);
        }
    }

    @Test
    void theHostIsNotTakenForDeadBecauseOfIt() {
        var device = NvmeDevice.builder(new HoldingBackend(DISK)).build();
        try (var host = NvmeHost.of(device).enable()) {
            NvmeHost.requireSuccess(
                    host.admin()
                            .run(
                                    HostCommand.of(SET_FEATURES)
                                            .dword(10, KEEP_ALIVE_TIMER)
                                            .dword(11, 2000)));
            assertThat(device.quiesce()).isEqualTo(Completion.DONE);
            host.tester.advance(Duration.ofSeconds(60));
            device.resume();
            assertThat(host.tester.read("CSTS") & FATAL).isZero();

            host.tester.advance(Duration.ofSeconds(3));
            assertThat(host.tester.read("CSTS") & FATAL).as("silent once it could").isEqualTo(2);
        }
    }

    @Test
    void aShutdownFlushesThoughAllCommandsAreTakenUp() {
        var disk = new HoldingBackend(DISK);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).build()).enable()) {
            // Completions that wait for room hold commands: as many as there are.
            HostQueue[] queues = new HostQueue[9];
            for (int id = 1; id <= 8; id++) {
                queues[id] = host.queue(id, 256);
            }
            for (int id = 1; id <= 8; id++) {
                for (int round = 0; round < 2; round++) {
                    for (int i = 0; i < 255; i++) {
                        queues[id].put(HostCommand.io(READ, 0, 1).id(i).data(DATA));
                    }
                    queues[id].ring();
                    host.tester.runTasks();
                }
            }
            disk.hold();
            host.tester.write("CC", 0x46_4001);
            host.tester.runTasks();
            assertThat(host.tester.read("CSTS") >>> 2 & 3).as("a flush is at work").isEqualTo(1);
            disk.release();
            host.tester.runTasks();
            assertThat(host.tester.read("CSTS") >>> 2 & 3).isEqualTo(2);
        }
    }

    private static void beginFormat(NvmeHost host, HoldingBackend disk) {
        disk.hold();
        host.admin().put(HostCommand.of(FORMAT).id(5).namespace(1).dword(10, 1));
        host.admin().ring();
        host.tester.runTasks();
    }

    private static void pause(NvmeHost host, NvmeDevice device, HoldingBackend disk) {
        Completion quiet = device.quiesce();
        disk.release();
        host.tester.runTasks();
        assertThat(quiet.stage().toCompletableFuture()).as("not only after all of it").isDone();
    }

    private static int blockSizeOf(NvmeHost host) {
        MemorySegment namespace = host.identify(0, 1);
        int format = (int) LittleEndian.get(namespace, 26, 1) & 0xf;
        return (int) LittleEndian.get(namespace, 128 + 4L * format + 2, 1);
    }
}
