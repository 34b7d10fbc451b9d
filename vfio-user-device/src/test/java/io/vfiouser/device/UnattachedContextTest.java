package io.vfiouser.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnattachedContextTest {
    private final DeviceContext context = DeviceContext.UNATTACHED;

    @Test
    void interruptsReachNobody() {
        assertThat(context.interrupt(3).trigger()).isFalse();
        assertThat(context.irq(IrqIndex.INTX, 0).isArmed()).isFalse();
    }

    @Test
    void thereIsNoMemory() {
        GuestMemory memory = context.memory();
        var bytes = MemorySegment.ofArray(new byte[8]);

        assertThat(memory.ranges()).isEmpty();
        assertThat(memory.isDirect(0, 8, AccessMode.READ)).isFalse();
        for (Runnable access :
                List.<Runnable>of(
                        () -> lease(memory),
                        () -> memory.read(0x1000, bytes),
                        () -> memory.write(0x1000, bytes),
                        () -> memory.readByMessage(0x1000, bytes),
                        () -> memory.writeByMessage(0x1000, bytes),
                        () -> memory.markDirty(0x1000, 8))) {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(access::run)
                    .withMessage("iova: 0x1000 (expected: an attached client)")
                    .extracting(DeviceException::errno)
                    .isEqualTo(Errno.ENOENT);
        }
    }

    @Test
    void configSpaceReadsAsAllOnesAndIgnoresWrites() {
        context.config().write(0, 4, 0);

        assertThat(context.config().read(0, 1)).isEqualTo(0xff);
        assertThat(context.config().read(0, 2)).isEqualTo(0xffff);
        assertThat(context.config().read(0, 4)).isEqualTo(-1);
    }

    @Test
    void tasksAreDropped() {
        List<String> ran = new ArrayList<>();

        context.execute(() -> ran.add("task"));
        context.schedule(Duration.ZERO, () -> ran.add("timer")).cancel();
        context.installDoorbell(0, Doorbell.at(0, 4), _ -> ran.add("doorbell")).remove();
        context.watchMasks(IrqIndex.INTX, (_, _, _) -> ran.add("masks"));

        assertThat(ran).isEmpty();
    }

    private static void lease(GuestMemory memory) {
        try (Lease lease = memory.lease(0x1000, 8, AccessMode.READ)) {
            throw new AssertionError("lease: " + lease.length() + " bytes (expected: refused)");
        }
    }
}
