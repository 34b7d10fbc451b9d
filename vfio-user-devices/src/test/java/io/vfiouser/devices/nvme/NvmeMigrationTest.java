package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The state of a controller as it leaves one process and comes to another. The host here keeps its
/// memory and its queues; what is in between is a reset.
class NvmeMigrationTest {
    private static final int DISK = 1 << 24;
    private static final int SET_FEATURES = 0x09;
    private static final int GET_FEATURES = 0x0a;
    private static final int EVENT = 0x0c;
    private static final int ABORT = 0x08;

    @Test
    void queuesGoOnWhereTheyWere() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            byte[] written = host.fill(DATA, 512, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(0x01, 3, 1).data(DATA)));
            NvmeHost.requireSuccess(
                    host.admin().run(HostCommand.of(SET_FEATURES).dword(10, 8).dword(11, 0x77)));
            host.admin().put(HostCommand.of(EVENT).id(40));
            host.admin().ring();
            host.tester.runTasks();

            byte[] state = host.tester.saveState();
            host.tester.reset(ResetReason.DEVICE_RESET);
            assertThat(host.tester.read("CSTS")).isZero();
            host.tester.loadState(state);

            assertThat(host.tester.read("CSTS")).isEqualTo(1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 3, 1).data(DATA + 4096)));
            assertThat(host.bytes(DATA + 4096, 512)).isEqualTo(written);
            assertThat(host.admin().run(HostCommand.of(GET_FEATURES).dword(10, 8)).result())
                    .isEqualTo(0x77);
            host.admin().put(HostCommand.of(ABORT).id(9).dword(10, 40 << 16));
            host.admin().ring();
            host.tester.runTasks();
            assertThat(host.admin().take())
                    .extracting(Answer::commandId)
                    .containsExactlyInAnyOrder(40, 9);
        }
    }

    @Test
    void completionsThatWaitForRoomAreNotLost() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1, 4);
            for (int i = 0; i < 6; i++) {
                queue.put(HostCommand.io(READ, i, 1).id(i).data(DATA));
                queue.ring();
                host.tester.runTasks();
            }

            byte[] state = host.tester.saveState();
            host.tester.reset(ResetReason.DEVICE_RESET);
            host.tester.loadState(state);

            assertThat(queue.take()).extracting(Answer::commandId).containsExactly(0, 1, 2);
            queue.acknowledge();
            host.tester.runTasks();
            assertThat(queue.take()).extracting(Answer::commandId).containsExactly(3, 4, 5);
        }
    }

    @Test
    void stateOfAnotherKindOfControllerIsRefused() {
        byte[] state;
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            state = host.tester.saveState();
        }
        var other = NvmeDevice.builder(MemoryBackend.create(DISK)).queues(2).build();
        try (var host = NvmeHost.of(other)) {
            assertThatThrownBy(() -> host.tester.loadState(state))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("another kind of controller");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damagedStateIsRefusedOrHarmless(long seed) {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.queue(1);
            byte[] good = host.tester.saveState();
            var random = new Random(seed);
            for (int i = 0; i < 100; i++) {
                byte[] damaged = good.clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                try {
                    host.tester.loadState(damaged);
                    host.tester.runTasks();
                } catch (DeviceException e) {
                    assertThat(e).hasMessageContaining("expected");
                }
            }
            host.tester.reset(ResetReason.DEVICE_RESET);
            host.enable().queue(1);
        }
    }
}
