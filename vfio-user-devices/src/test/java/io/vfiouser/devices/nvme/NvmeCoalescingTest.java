package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.testkit.FiredInterrupt;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Interrupts that wait for more entries, or for some time.
final class NvmeCoalescingTest {
    private static final int SET_FEATURES = 0x09;
    private static final int COALESCING = 0x08;
    private static final int VECTOR_CONFIG = 0x09;
    private static final FiredInterrupt FIRST = new FiredInterrupt(IrqIndex.MSIX, 1);

    /// Four entries, or five times 100 microseconds.
    private static final int FOUR_OR_500_MICROS = 5 << 8 | 3;

    private final NvmeDevice device = NvmeDevice.builder(MemoryBackend.create(1 << 20)).build();
    private final NvmeHost host = NvmeHost.of(device).enable();
    private final HostQueue queue = host.queue(1);

    @BeforeEach
    void coalesce() {
        set(COALESCING, FOUR_OR_500_MICROS);
        host.tester.interrupts();
    }

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void oneForAsManyEntriesAsTheHostWants() {
        read(3);
        assertThat(host.tester.interrupts()).isEmpty();
        read(1);
        assertThat(host.tester.interrupts()).containsExactly(FIRST);
        host.tester.advance(Duration.ofMillis(10));
        assertThat(host.tester.interrupts()).as("the time is no longer kept").isEmpty();
    }

    @Test
    void fewerEntriesWaitForSomeTime() {
        read(2);
        host.tester.advance(Duration.ofNanos(499_000));
        assertThat(host.tester.interrupts()).isEmpty();
        host.tester.advance(Duration.ofNanos(1_000));
        assertThat(host.tester.interrupts()).containsExactly(FIRST);
    }

    @Test
    void aVectorCanBeLeftOut() {
        set(VECTOR_CONFIG, 1 << 16 | 1);
        host.tester.interrupts();
        read(1);
        assertThat(host.tester.interrupts()).containsExactly(FIRST);
    }

    @Test
    void theAdminQueueDoesNotWait() {
        set(COALESCING, FOUR_OR_500_MICROS);
        assertThat(host.tester.interrupts()).containsExactly(new FiredInterrupt(IrqIndex.MSIX, 0));
    }

    @Test
    void aPauseSendsWhatIsHeldBack() {
        read(1);
        device.quiesce();
        assertThat(host.tester.interrupts()).containsExactly(FIRST);
        device.resume();
    }

    @Test
    void itMovesWithTheControllerAndEndsWithAReset() {
        byte[] state = host.tester.saveState();
        host.tester.reset(ResetReason.DEVICE_RESET);
        host.tester.loadState(state);
        read(1);
        assertThat(host.tester.interrupts()).isEmpty();

        host.tester.write("CC", 0);
        host.enable();
        HostQueue other = host.queue(1);
        host.tester.interrupts();
        NvmeHost.requireSuccess(other.run(HostCommand.io(READ, 0, 1).data(DATA)));
        assertThat(host.tester.interrupts()).containsExactly(FIRST);
    }

    private void set(int feature, int value) {
        NvmeHost.requireSuccess(
                host.admin().run(HostCommand.of(SET_FEATURES).dword(10, feature).dword(11, value)));
    }

    private void read(int count) {
        for (int i = 0; i < count; i++) {
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, i, 1).data(DATA)));
        }
    }
}
