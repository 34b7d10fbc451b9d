package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.FILE_IO;
import static io.vfiouser.server.dma.Maps.NONE;
import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RO;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.WO;
import static io.vfiouser.server.dma.Maps.assertRefused;
import static io.vfiouser.server.dma.Maps.lend;
import static io.vfiouser.server.dma.Maps.map;
import static io.vfiouser.server.dma.Maps.mapMessages;
import static io.vfiouser.server.dma.Maps.table;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.server.stats.DmaCounters;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class GuestMemoryViewTest {
    private final List<DmaRange> dirty = new ArrayList<>();
    private final DmaTable table =
            new DmaTable(
                    100,
                    1L << 30,
                    (region, iova, length) ->
                            dirty.add(new DmaRange(iova, length, false, true, region.isMapped())));
    private final GuestMemoryView view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
    private final SharedMemory memory = SharedMemory.create("guest", 16 * PAGE);

    @AfterEach
    void close() {
        table.close();
        memory.close();
    }

    @Test
    void lendsExactlyTheRange() {
        map(table, memory, PAGE, 0x10000, 2 * PAGE, RW);
        memory.segment().set(JAVA_BYTE, PAGE + 100, (byte) 5);
        try (Lease lease = view.lease(0x10000 + 100, 8, AccessMode.READ_WRITE)) {
            assertThat(lease.count()).isEqualTo(1);
            assertThat(lease.length()).isEqualTo(8);
            assertThat(lease.segment(0).byteSize()).isEqualTo(8);
            assertThat(lease.segment(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 5);
            lease.segment(0).set(JAVA_BYTE, 7, (byte) 6);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> lease.segment(1));
        }
        assertThat(memory.segment().get(JAVA_BYTE, PAGE + 107)).isEqualTo((byte) 6);
    }

    @Test
    void lendsTheLastByteBelowTheTop() {
        map(table, memory, 0, -PAGE, PAGE, RW);
        memory.segment().set(JAVA_BYTE, PAGE - 1, (byte) 77);
        try (Lease lease = view.lease(-1, 1, AccessMode.READ)) {
            assertThat(lease.segment(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 77);
        }
        mapMessages(table, 0, PAGE, RW);
        for (long length : List.of(2L, PAGE, Long.MAX_VALUE, -1L)) {
            assertRefused(Errno.ENOENT, () -> lend(view, -1, length, AccessMode.READ).close());
        }
    }

    @Test
    void leaseForReadingIsReadOnly() {
        map(table, memory, 0, 0, PAGE, RW);
        try (Lease lease = view.lease(0, PAGE, AccessMode.READ)) {
            assertThat(lease.segment(0).isReadOnly()).isTrue();
        }
        try (Lease lease = view.lease(0, PAGE, AccessMode.WRITE)) {
            assertThat(lease.segment(0).isReadOnly()).isFalse();
        }
    }

    @Test
    void checksPermissionsOfBothKinds() {
        map(table, memory, 0, 0x1000, PAGE, RO);
        map(table, memory, 0, 0x3000, PAGE, WO);
        map(table, memory, 0, 0x5000, PAGE, NONE);
        var buffer = MemorySegment.ofArray(new byte[8]);
        for (long iova : List.of(0x3000L, 0x5000L)) {
            assertRefused(Errno.EACCES, () -> lend(view, iova, 8, AccessMode.READ).close());
            assertRefused(Errno.EACCES, () -> view.read(iova, buffer));
            assertRefused(Errno.EACCES, () -> view.readByMessage(iova, buffer));
            assertThat(view.isDirect(iova, 8, AccessMode.READ)).isFalse();
        }
        for (long iova : List.of(0x1000L, 0x5000L)) {
            assertRefused(Errno.EACCES, () -> lend(view, iova, 8, AccessMode.WRITE).close());
            assertRefused(Errno.EACCES, () -> lend(view, iova, 8, AccessMode.READ_WRITE).close());
            assertRefused(Errno.EACCES, () -> view.write(iova, buffer));
            assertRefused(Errno.EACCES, () -> view.writeByMessage(iova, buffer));
            assertThat(view.isDirect(iova, 8, AccessMode.WRITE)).isFalse();
        }
        assertThat(view.isDirect(0x1000, 8, AccessMode.READ)).isTrue();
        assertThat(view.isDirect(0x3000, 8, AccessMode.WRITE)).isTrue();
        assertThat(view.isDirect(0x3000, 8, AccessMode.READ_WRITE)).isFalse();
    }

    @Test
    void refusesWhatIsInNoRegion() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        var buffer = MemorySegment.ofArray(new byte[16]);
        for (long iova : List.of(0L, 0xff8L, 0x1ff8L, 0x2000L, -8L, Long.MIN_VALUE)) {
            assertRefused(Errno.ENOENT, () -> lend(view, iova, 16, AccessMode.READ).close());
            assertRefused(Errno.ENOENT, () -> view.read(iova, buffer));
            assertRefused(Errno.ENOENT, () -> view.writeByMessage(iova, buffer));
            assertThat(view.isDirect(iova, 16, AccessMode.READ)).isFalse();
        }
        assertRefused(Errno.EINVAL, () -> lend(view, 0x1000, 0, AccessMode.READ).close());
        assertThat(view.isDirect(0x1000, 0, AccessMode.READ)).isFalse();
        assertThat(table.regions()).allMatch(region -> region.users() == 0);
    }

    @Test
    void lendsOnlyWhatIsMapped() {
        mapMessages(table, 0x1000, PAGE, RW);
        map(table, memory, 0, 0x3000, PAGE, FILE_IO);
        for (long iova : List.of(0x1000L, 0x3000L)) {
            assertRefused(Errno.EFAULT, () -> lend(view, iova, 8, AccessMode.READ).close());
            assertThat(view.isDirect(iova, 8, AccessMode.READ)).isFalse();
        }
    }

    @Test
    void leaseCrossesRegions() {
        map(table, memory, 4 * PAGE, 0x1000, PAGE, RW);
        map(table, memory, 0, 0x2000, PAGE, RW);
        map(table, memory, 8 * PAGE, 0x3000, PAGE, RO);
        assertThat(view.isDirect(0x1ff0, 0x20, AccessMode.WRITE)).isTrue();
        assertThat(view.isDirect(0x1ff0, PAGE + 0x20, AccessMode.READ)).isTrue();
        assertThat(view.isDirect(0x1ff0, PAGE + 0x20, AccessMode.WRITE)).isFalse();
        try (Lease lease = view.lease(0x1ff0, PAGE + 0x20, AccessMode.READ)) {
            assertThat(lease.count()).isEqualTo(3);
            assertThat(lease.length()).isEqualTo(PAGE + 0x20);
            assertThat(List.of(0, 1, 2))
                    .extracting(i -> lease.segment(i).byteSize())
                    .containsExactly(0x10L, PAGE, 0x10L);
            assertThat(table.regions()).allMatch(region -> region.users() == 1);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> lease.segment(3));
        }
        try (Lease lease = view.lease(0x1fff, 2, AccessMode.WRITE)) {
            lease.segment(0).set(JAVA_BYTE, 0, (byte) 1);
            lease.segment(1).set(JAVA_BYTE, 0, (byte) 2);
        }
        assertThat(memory.segment().get(JAVA_BYTE, 5 * PAGE - 1)).isEqualTo((byte) 1);
        assertThat(memory.segment().get(JAVA_BYTE, 0)).isEqualTo((byte) 2);
        assertThat(dirty)
                .containsExactly(
                        new DmaRange(0x1fff, 1, false, true, true),
                        new DmaRange(0x2000, 1, false, true, true));
        assertRefused(
                Errno.EACCES, () -> lend(view, 0x1ff0, PAGE + 0x20, AccessMode.WRITE).close());
        assertThat(table.regions()).allMatch(region -> region.users() == 0);
    }

    @Test
    void closedLeaseGivesNoSegment() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        Lease lease = lend(view, 0x1800, 8, AccessMode.WRITE);
        lease.close();
        lease.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> lease.segment(0))
                .withMessageContaining("0x1800+0x8");
        assertThat(table.regions()).allMatch(region -> region.users() == 0);
        assertThat(dirty).hasSize(1);
    }

    @Test
    void leaseForReadingLeavesNothingDirty() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        lend(view, 0x1000, 8, AccessMode.READ).close();
        assertThat(dirty).isEmpty();
        lend(view, 0x1010, 8, AccessMode.READ_WRITE).close();
        assertThat(dirty).containsExactly(new DmaRange(0x1010, 8, false, true, true));
    }

    @Test
    void copiesToAndFromHeapAndNativeBuffers() {
        map(table, memory, 0, 0x1000, 2 * PAGE, RW);
        map(table, memory, 2 * PAGE, 0x8000, 2 * PAGE, FILE_IO);
        for (long iova : List.of(0x1ff0L, 0x8ff0L)) {
            byte[] bytes = {1, 2, 3, 4};
            assertThat(view.write(iova, MemorySegment.ofArray(bytes))).isEqualTo(Completion.DONE);
            var back = new byte[4];
            assertThat(view.read(iova, MemorySegment.ofArray(back))).isEqualTo(Completion.DONE);
            assertThat(back).isEqualTo(bytes);
            MemorySegment nativeBuffer = memory.segment().asSlice(15 * PAGE, 4);
            assertThat(view.read(iova, nativeBuffer)).isEqualTo(Completion.DONE);
            assertThat(nativeBuffer.toArray(JAVA_BYTE)).isEqualTo(bytes);
            assertThat(view.write(iova + 4, nativeBuffer)).isEqualTo(Completion.DONE);
        }
        assertThat(memory.segment().asSlice(3 * PAGE - 0x10, 8).toArray(JAVA_BYTE))
                .containsExactly(1, 2, 3, 4, 1, 2, 3, 4);
        assertThat(dirty)
                .containsExactly(
                        new DmaRange(0x1ff0, 4, false, true, true),
                        new DmaRange(0x1ff4, 4, false, true, true),
                        new DmaRange(0x8ff0, 4, false, true, false),
                        new DmaRange(0x8ff4, 4, false, true, false));
    }

    @Test
    void copiesMoreThanOneBounceBuffer() {
        try (var large = SharedMemory.create("large", 200_000)) {
            map(table, large, 7, 0, 199_000, FILE_IO);
            byte[] bytes = new byte[150_001];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = FakePeer.byteAt(i);
            }
            view.write(11, MemorySegment.ofArray(bytes));
            assertThat(large.segment().asSlice(18, bytes.length).toArray(JAVA_BYTE))
                    .isEqualTo(bytes);
            byte[] back = new byte[bytes.length];
            view.read(11, MemorySegment.ofArray(back));
            assertThat(back).isEqualTo(bytes);
        }
    }

    @Test
    void copyOfNothingIsDone() {
        assertThat(view.read(0x1000, MemorySegment.NULL)).isEqualTo(Completion.DONE);
        assertThat(view.writeByMessage(0x1000, MemorySegment.NULL)).isEqualTo(Completion.DONE);
    }

    @Test
    void busMasterOffRefusesEverything() {
        var busMaster = new AtomicBoolean(true);
        var gated =
                new GuestMemoryView(
                        table, FakePeer.answeringAtOnce(), busMaster::get, new DmaCounters());
        map(table, memory, 0, 0, PAGE, RW);
        var buffer = MemorySegment.ofArray(new byte[8]);
        lend(gated, 0, 8, AccessMode.READ).close();
        busMaster.set(false);
        assertRefused(Errno.EACCES, () -> lend(gated, 0, 8, AccessMode.READ).close());
        assertRefused(Errno.EACCES, () -> gated.read(0, buffer));
        assertRefused(Errno.EACCES, () -> gated.write(0, buffer));
        assertRefused(Errno.EACCES, () -> gated.readByMessage(0, buffer));
        assertRefused(Errno.EACCES, () -> gated.writeByMessage(0, buffer));
        assertThat(gated.isDirect(0, 8, AccessMode.READ)).isFalse();
        assertThat(gated.ranges()).hasSize(1);
    }

    @Test
    void endedSessionRefusesEverything() {
        map(table, memory, 0, 0, PAGE, RW);
        mapMessages(table, PAGE, PAGE, RW);
        assertThat(view.ranges())
                .containsExactly(
                        new DmaRange(0, PAGE, true, true, true),
                        new DmaRange(PAGE, PAGE, true, true, false));
        var buffer = MemorySegment.ofArray(new byte[8]);
        table.close();
        assertRefused(Errno.ENOTCONN, () -> lend(view, 0, 8, AccessMode.READ).close());
        assertRefused(Errno.ENOTCONN, () -> view.read(0, buffer));
        assertRefused(Errno.ENOTCONN, () -> view.write(0, buffer));
        assertRefused(Errno.ENOTCONN, () -> view.readByMessage(0, buffer));
        assertRefused(Errno.ENOTCONN, () -> view.writeByMessage(0, buffer));
        assertThat(view.isDirect(0, 8, AccessMode.READ)).isFalse();
        assertThat(view.ranges()).isEmpty();
    }
}
