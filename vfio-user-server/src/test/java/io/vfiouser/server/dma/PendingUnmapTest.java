package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.assertRefused;
import static io.vfiouser.server.dma.Maps.assertRejected;
import static io.vfiouser.server.dma.Maps.lend;
import static io.vfiouser.server.dma.Maps.map;
import static io.vfiouser.server.dma.Maps.mapMessages;
import static io.vfiouser.server.dma.Maps.table;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class PendingUnmapTest {
    private final DmaTable table = table();
    private final GuestMemoryView view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
    private final SharedMemory memory = SharedMemory.create("dma-pending", 4 * PAGE);
    private final AtomicInteger unused = new AtomicInteger();

    @AfterEach
    void close() {
        table.close();
        memory.close();
    }

    @Test
    void waitsForTheLastLease() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        Lease first = lend(view, 0x1000, 8, AccessMode.READ);
        Lease second = lend(view, 0x1800, 8, AccessMode.WRITE);

        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        unmap.whenUnused(unused::incrementAndGet);

        assertThat(unmap.users()).isEqualTo(2);
        assertRefused(Errno.EBUSY, () -> lend(view, 0x1000, 8, AccessMode.READ).close());
        assertThat(view.isDirect(0x1000, 8, AccessMode.READ)).isFalse();
        assertThatIllegalStateException().isThrownBy(unmap::finish);
        first.close();
        first.close();
        assertThat(unused).hasValue(0);
        assertThat(second.segment(0).get(JAVA_BYTE, 0)).isZero();
        second.close();
        assertThat(unused).hasValue(1);

        unmap.finish();
        assertThat(table.size()).isZero();
        assertRefused(Errno.ENOENT, () -> lend(view, 0x1000, 8, AccessMode.READ).close());
    }

    @Test
    void unusedRegionDoesNotWait() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        unmap.whenUnused(unused::incrementAndGet);
        assertThat(unused).hasValue(1);
        unmap.finish();
        unmap.finish();
        assertThat(table.size()).isZero();
    }

    @Test
    void copiesStillWorkWhileItWaits() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        view.write(0x1000, MemorySegment.ofArray(new byte[] {42}));
        assertThat(memory.segment().get(JAVA_BYTE, 0)).isEqualTo((byte) 42);
        unmap.finish();
    }

    @Test
    void cancelledUnmapLeavesTheRegionAsItWas() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        Lease lease = lend(view, 0x1000, 8, AccessMode.READ);
        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        unmap.whenUnused(unused::incrementAndGet);
        unmap.cancel();
        lend(view, 0x1000, 8, AccessMode.READ).close();
        lease.close();
        assertThat(unused).hasValue(0);
        unmap.finish();
        assertThat(table.size()).isEqualTo(1);
        PendingUnmap again = table.beginUnmap(0x1000, PAGE);
        again.finish();
        assertThat(table.size()).isZero();
    }

    @Test
    void secondUnmapOfTheSameRegionIsRefused() {
        mapMessages(table, 0x1000, PAGE, RW);
        table.beginUnmap(0x1000, PAGE);
        assertRejected(Errno.EBUSY, () -> table.beginUnmap(0x1000, PAGE));
        assertRejected(Errno.EBUSY, table::beginUnmapAll);
        assertRejected(Errno.EEXIST, () -> mapMessages(table, 0x1000, PAGE, RW));
    }

    @Test
    void unmapOfAllWaitsForEveryRegion() {
        for (long i = 0; i < 4; i++) {
            map(table, memory, i * PAGE, i * 2 * PAGE, PAGE, RW);
        }
        Lease first = lend(view, 0, 8, AccessMode.READ);
        Lease last = lend(view, 6 * PAGE, 8, AccessMode.READ);
        PendingUnmap unmap = table.beginUnmapAll();
        assertThat(unmap.ranges())
                .extracting(range -> range.iova())
                .containsExactly(0L, 2 * PAGE, 4 * PAGE, 6 * PAGE);
        unmap.whenUnused(unused::incrementAndGet);
        last.close();
        assertThat(unused).hasValue(0);
        first.close();
        assertThat(unused).hasValue(1);
        unmap.finish();
        assertThat(table.size()).isZero();
    }

    @Test
    void unmapOfAllOfNothingIsFine() {
        PendingUnmap unmap = table.beginUnmapAll();
        assertThat(unmap.ranges()).isEmpty();
        unmap.whenUnused(unused::incrementAndGet);
        unmap.finish();
        assertThat(unused).hasValue(1);
    }

    @Test
    void segmentKeptPastTheUnmapFaults() throws IOException {
        map(table, memory, 0, 0x1000, PAGE, RW);
        MemorySegment kept;
        try (Lease lease = view.lease(0x1000, 8, AccessMode.READ_WRITE)) {
            kept = lease.segment(0);
        }
        Maps.unmap(table, 0x1000, PAGE);
        assertThat(Maps.mappingsOf("dma-pending")).isZero();
        assertFaults(kept);
    }

    @Test
    void endOfTheSessionTakesLeasedMemoryAway() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        Lease lease = lend(view, 0x1000, 8, AccessMode.READ_WRITE);
        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        unmap.whenUnused(unused::incrementAndGet);
        table.close();
        assertFaults(lease.segment(0));
        lease.close();
        unmap.finish();
        assertThat(unused).hasValue(0);
    }

    private static void assertFaults(MemorySegment segment) {
        assertThatExceptionOfType(InternalError.class)
                .isThrownBy(() -> {
                    segment.set(JAVA_BYTE, 0, (byte) 1);
                    MemoryFaults.deliverPending();
                })
                .matches(MemoryFaults::isFault);
    }
}
