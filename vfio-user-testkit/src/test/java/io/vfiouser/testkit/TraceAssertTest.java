package io.vfiouser.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.filters.AccessKind;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.trace.TraceAssert;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Assertions on what a device did.
final class TraceAssertTest {
    private final ProbeDevice probe = new ProbeDevice();
    private final TraceRecorder recorder = new TraceRecorder(50);
    private final DeviceTester tester = DeviceTester.attach(FilteredDevice.of(probe, recorder));

    @AfterEach
    void close() {
        tester.close();
    }

    @Test
    void findsAccessesInOrder() {
        tester.write(0, 0, 4, 5);
        tester.read(0, 0, 4);
        TraceAssert.assertThat(recorder).wrote("BAR0.VALUE", 5).read("BAR0.VALUE", 5);
        assertThatThrownBy(() ->
                        TraceAssert.assertThat(recorder)
                                .read("BAR0.VALUE", 5)
                                .wrote("BAR0.VALUE", 5))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(
                        "write BAR0.VALUE = 0x5: none after 'read BAR0.VALUE = 0x00000005'"
                                + " (expected: one)")
                .hasMessageContaining("\n  client attached\n  write BAR0.VALUE = 0x00000005\n");
    }

    @Test
    void whatHappensDuringAnAccessIsAfterIt() {
        tester.arm(IrqIndex.MSIX, 2);
        tester.map(0x1000, 0x1000);
        probe.command =
                () -> {
                    probe.context.interrupt(2).trigger();
                    return probe.context.memory().write(0x1800, MemorySegment.ofArray(new byte[8]));
                };
        tester.write(0, 4, 4, 1);
        tester.write(0, 0, 4, 9);
        TraceAssert.assertThat(recorder)
                .wrote("BAR0.COMMAND", 1)
                .interrupted(IrqIndex.MSIX, 2)
                .reached(0x1800, 8)
                .wrote("BAR0.VALUE", 9)
                .reachedOnly(0x1000, 0x1000);
        assertThatThrownBy(() ->
                        TraceAssert.assertThat(recorder)
                                .interrupted(IrqIndex.MSIX, 2)
                                .interrupted(IrqIndex.MSIX, 2))
                .as("one event is found once")
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> TraceAssert.assertThat(recorder).reachedOnly(0x1000, 0x800))
                .hasMessageContaining("dma outside 0x1000+0x800: 'dma ");
    }

    @Test
    void sawWhatWasRefusedAndReset() {
        probe.command =
                () -> {
                    throw new DeviceException(Errno.ENOSPC, "full");
                };
        assertThatThrownBy(() -> tester.write(0, 4, 4, 1)).isInstanceOf(DeviceException.class);
        tester.reset(ResetReason.DEVICE_RESET);
        TraceAssert.assertThat(recorder)
                .refused(AccessKind.WRITE, "BAR0.COMMAND", Errno.ENOSPC)
                .reset(ResetReason.DEVICE_RESET)
                .reachedNoMemory()
                .firedNoInterrupt()
                .didNotAccess("BAR0.VALUE");
        probe.command = () -> Completion.DONE;
        assertThatThrownBy(() -> TraceAssert.assertThat(recorder).didNotAccess("BAR0.COMMAND"))
                .hasMessageContaining("access to BAR0.COMMAND: 'write BAR0.COMMAND: ENOSPC'");
    }
}
