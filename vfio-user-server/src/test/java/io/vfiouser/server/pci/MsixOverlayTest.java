package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// A BAR of 0x1000 bytes with a table of 4 entries at 0x100 and pending bits at 0x148.
class MsixOverlayTest {
    private static final int TABLE = 0x100;
    private static final int TABLE_END = 0x140;
    private static final int PENDING = 0x148;

    private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
    private final ScratchBar device = new ScratchBar(0x1000);
    private final MsixTable table = tableIn(2, 2);
    private final RegionHandler bar = MsixOverlay.over(2, device, table, loop::add);

    @Test
    void otherBarsAreLeftAlone() {
        assertThat(MsixOverlay.over(1, device, table, loop::add)).isSameAs(device);
    }

    @Test
    void theDeviceSeesWhatTouchesNeither() {
        write(TABLE - 4, 4, 0x1111_1111);
        write(TABLE_END, 8, 0x2222_2222_2222_2222L);
        write(PENDING + 8, 4, 0x3333_3333);

        assertThat(read(TABLE_END, 8)).isEqualTo(0x2222_2222_2222_2222L);
        assertThat(device.accesses)
                .containsExactly("write 0xfc+4", "write 0x140+8", "write 0x150+4", "read 0x140+8");
    }

    @Test
    void theDeviceDoesNotSeeTableAndPendingBits() {
        table.showPending(1, true);

        write(TABLE_END - 4, 4, 0);
        write(PENDING, 8, -1);

        assertThat(table.masked(3)).isFalse();
        assertThat(read(TABLE_END - 4, 4)).isZero();
        assertThat(read(PENDING, 8)).isEqualTo(2);
        assertThat(device.accesses).isEmpty();
    }

    @Test
    void aWriteOverAllOfItIsCut() {
        var ones = new byte[0x60];
        Arrays.fill(ones, (byte) 0xff);

        var completion = bar.write(TABLE - 8, MemorySegment.ofArray(ones));

        assertThat(completion).isEqualTo(Completion.DONE);
        assertThat(device.accesses)
                .containsExactly("write 0xf8+8", "write 0x140+8", "write 0x150+8");
        assertThat(device.bytes(TABLE, TABLE_END - TABLE)).containsOnly(0);
        assertThat(table.masked(0)).isTrue();
        assertThat(table.masked(3)).isTrue();
    }

    @Test
    void aReadOverAllOfItIsPutTogether() {
        write(TABLE - 8, 8, 0x1111_1111_1111_1111L);
        write(TABLE_END, 8, 0x2222_2222_2222_2222L);
        write(PENDING + 8, 8, 0x3333_3333_3333_3333L);
        write(TABLE + 8, 4, 0x4444_4444);
        table.showPending(3, true);

        var all = MemorySegment.ofArray(new byte[0x60]);
        assertThat(bar.read(TABLE - 8, all)).isEqualTo(Completion.DONE);

        assertThat(LittleEndian.get(all, 0, 8)).isEqualTo(0x1111_1111_1111_1111L);
        assertThat(LittleEndian.get(all, 16, 8)).isEqualTo(0x1_4444_4444L);
        assertThat(LittleEndian.get(all, 0x48, 8)).isEqualTo(0x2222_2222_2222_2222L);
        assertThat(LittleEndian.get(all, 0x50, 8)).isEqualTo(8);
        assertThat(LittleEndian.get(all, 0x58, 8)).isEqualTo(0x3333_3333_3333_3333L);
    }

    @Test
    void anAccessMayStraddleByOneByte() {
        write(TABLE - 1, 2, 0xbbaa);

        assertThat(device.accesses).containsExactly("write 0xff+1");
        assertThat(read(TABLE, 1)).isEqualTo(0xb8);
    }

    @Test
    void whatFollowsAPieceThatCompletesLaterWaitsAndRunsOnTheLoop() {
        var stage = new CompletableFuture<Void>();
        device.completeWith(Completion.after(stage));

        var completion = bar.write(TABLE - 8, MemorySegment.ofArray(new byte[0x50]));
        assertThat(completion).isInstanceOf(Completion.Pending.class);
        assertThat(device.accesses).containsExactly("write 0xf8+8");

        device.completeWith(Completion.DONE);
        stage.complete(null);
        assertThat(device.accesses).as("not on the completing thread").hasSize(1);
        loop.remove().run();

        assertThat(device.accesses).containsExactly("write 0xf8+8", "write 0x140+8");
        assertThat(completion.stage()).isCompleted();
    }

    @Test
    void aPieceThatFailsLaterEndsTheAccess() {
        var stage = new CompletableFuture<Void>();
        device.completeWith(Completion.after(stage));

        var completion = bar.write(TABLE - 8, MemorySegment.ofArray(new byte[0x50]));
        stage.completeExceptionally(new IllegalStateException("broken"));

        assertThat(completion.stage()).isCompletedExceptionally();
        assertThat(device.accesses).hasSize(1);
        assertThat(loop).isEmpty();
    }

    @Test
    void aLastPieceThatCompletesLaterIsTheAccesss() {
        var last = Completion.after(new CompletableFuture<Void>());
        device.completeWith(last);

        assertThat(bar.read(TABLE_END - 4, MemorySegment.ofArray(new byte[8]))).isSameAs(last);
    }

    @Test
    void tableAndPendingBitsMayLieInDifferentBars() {
        var apart = tableIn(0, 4);
        var other = new ScratchBar(0x1000);
        var tableBar = MsixOverlay.over(0, device, apart, loop::add);
        var pendingBar = MsixOverlay.over(4, other, apart, loop::add);
        apart.showPending(0, true);

        tableBar.write(TABLE + 12, MemorySegment.ofArray(new byte[4]));
        var bits = MemorySegment.ofArray(new byte[8]);
        pendingBar.read(PENDING, bits);
        tableBar.read(PENDING, MemorySegment.ofArray(new byte[8]));

        assertThat(LittleEndian.get(bits, 0, 8)).isEqualTo(1);
        assertThat(device.accesses).containsExactly("read 0x148+8");
        assertThat(other.accesses).isEmpty();
    }

    @Test
    void namesTheDevicesRegistersOutsideTheTable() {
        var registers =
                RegisterBlock.builder()
                        .readOnly(0x10, 4, "STATUS", () -> 0)
                        .readOnly(TABLE, 4, "HIDDEN", () -> 0)
                        .build();
        var named = MsixOverlay.over(2, registers, table, loop::add);

        assertThat(named.registerAt(0x10).map(Register::name)).contains("STATUS");
        assertThat(named.registerAt(TABLE)).isEmpty();
    }

    private static MsixTable tableIn(int tableBar, int pendingBar) {
        return new MsixTable(
                new PciCapability.MsiX(4, tableBar, TABLE, pendingBar, PENDING),
                () -> false,
                () -> false,
                _ -> {});
    }

    private long read(int offset, int width) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        assertThat(bar.read(offset, bytes)).isEqualTo(Completion.DONE);
        return LittleEndian.get(bytes, 0, width);
    }

    private void write(int offset, int width, long value) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(bytes, 0, width, value);
        assertThat(bar.write(offset, bytes)).isEqualTo(Completion.DONE);
    }
}
