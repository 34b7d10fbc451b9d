package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MsixTableTest {
    private static final int VECTORS = 70;
    private static final int CONTROL = 12;

    private final List<Integer> unmasked = new ArrayList<>();
    private boolean functionMask;
    private final MsixTable table =
            new MsixTable(
                    (PciCapability.MsiX) PciCapability.msix(VECTORS, 0, 0, 0x800),
                    () -> false,
                    () -> functionMask,
                    unmasked::add);

    @Test
    void entriesReadAsMaskedAtFirst() {
        assertThat(read(16 * 69, 8)).isZero();
        assertThat(read(16 * 69 + 8, 8)).isEqualTo(0x1_0000_0000L);
    }

    @Test
    void aVectorWhoseEntryWasNeverWrittenIsNotMasked() {
        assertThat(table.masked(0)).isFalse();
        assertThat(table.masked(VECTORS - 1)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8, 12})
    void fromItsFirstWriteOnAnEntryIsTakenAtItsWord(int field) {
        write(16 * 3 + field, 4, field == CONTROL ? 1 : 0x1000);

        assertThat(table.masked(3)).isTrue();
        assertThat(table.masked(2)).isFalse();
        assertThat(table.masked(4)).isFalse();
        assertThat(unmasked).isEmpty();
    }

    @Test
    void aDriverProgramsAndUnmasksAVector() {
        write(16 * 2, 8, 0xfee0_1000L);
        write(16 * 2 + 8, 4, 0x4041);
        write(16 * 2 + CONTROL, 4, 0);

        assertThat(table.masked(2)).isFalse();
        assertThat(unmasked).containsExactly(2);
        assertThat(read(16 * 2, 8)).isEqualTo(0xfee0_1000L);
        assertThat(read(16 * 2 + 8, 8)).isEqualTo(0x4041);
    }

    @Test
    void unmaskingIsToldOncePerChange() {
        write(CONTROL, 4, 0);
        write(CONTROL, 4, 0);
        write(CONTROL, 4, 1);
        write(CONTROL, 4, 0);

        assertThat(unmasked).as("the first write found nothing masked").containsExactly(0);
    }

    @Test
    void aWriteOverSeveralEntriesTellsOfEach() {
        for (int vector = 0; vector < 4; vector++) {
            write(16 * vector + CONTROL, 4, 1);
        }

        var zeroes = MemorySegment.ofArray(new byte[40]);
        assertThat(table.entries().write(CONTROL, zeroes)).isEqualTo(Completion.DONE);

        assertThat(unmasked).containsExactly(0, 1, 2);
        assertThat(table.masked(3)).as("touched, not unmasked").isTrue();
    }

    @Test
    void theFunctionMaskMasksAllVectors() {
        write(CONTROL, 4, 0);
        functionMask = true;

        assertThat(table.masked(0)).isTrue();
        assertThat(table.masked(VECTORS - 1)).isTrue();

        functionMask = false;
        assertThat(table.masked(0)).isFalse();
        assertThat(table.masked(VECTORS - 1)).isFalse();
    }

    @Test
    void unmaskingUnderTheFunctionMaskLeavesTheVectorMasked() {
        write(CONTROL, 4, 1);
        functionMask = true;

        write(CONTROL, 4, 0);

        assertThat(unmasked).containsExactly(0);
        assertThat(table.masked(0)).isTrue();
    }

    @Test
    void reservedBitsOfAnEntryReadZero() {
        write(0, 8, -1);
        write(8, 8, -1);

        assertThat(read(0, 8)).isEqualTo(0xffff_ffff_ffff_fffcL);
        assertThat(read(8, 8)).isEqualTo(0x1_ffff_ffffL);
    }

    @Test
    void oddWritesAreAppliedByteByByte() {
        write(16 * 5 + 7, 2, 0xbbaa);
        write(16 * 5 + CONTROL, 1, 0);

        assertThat(read(16 * 5, 8)).isEqualTo(0xaa00_0000_0000_0000L);
        assertThat(read(16 * 5 + 8, 8)).isEqualTo(0xbb);
        assertThat(table.masked(5)).isFalse();
    }

    @Test
    void pendingBitsAreShownAndIgnoreWrites() {
        table.showPending(0, true);
        table.showPending(63, true);
        table.showPending(64, true);
        table.showPending(69, true);

        var bits = MemorySegment.ofArray(new byte[16]);
        table.pendingBits().write(0, bits);
        table.pendingBits().read(0, bits);
        assertThat(LittleEndian.get(bits, 0, 8)).isEqualTo(0x8000_0000_0000_0001L);
        assertThat(LittleEndian.get(bits, 8, 8)).isEqualTo(0x21);

        table.showPending(63, false);
        var odd = MemorySegment.ofArray(new byte[3]);
        table.pendingBits().read(6, odd);
        assertThat(LittleEndian.get(odd, 0, 3)).isEqualTo(0x21_0000);
        assertThat(table.pending(63)).isFalse();
        assertThat(table.pending(69)).isTrue();
    }

    @Test
    void resetForgetsEntriesMasksAndPendingBits() {
        write(0, 8, 0xfee0_0000L);
        write(CONTROL, 4, 1);
        table.showPending(0, true);

        table.reset();

        assertThat(read(0, 8)).isZero();
        assertThat(read(8, 8)).isEqualTo(0x1_0000_0000L);
        assertThat(table.masked(0)).isFalse();
        assertThat(table.pending(0)).isFalse();
        assertThat(unmasked).isEmpty();
    }

    @Test
    void refusesVectorsThatAreNotThere() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> table.masked(VECTORS))
                .withMessage("vector: 70 (expected: 0 to 69)");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> table.showPending(-1, true));
    }

    @Test
    void worksWithTheConfigSpacesFunctionMask() {
        var space =
                TestSpace.of(
                        TestSpace.pci()
                                .bar(0, Bar.memory(0x1000, new ScratchBar(16)))
                                .capability(table.capability()));
        var wired =
                new MsixTable(
                        table.capability(),
                        space.engine::msixEnabled,
                        space.engine::msixFunctionMasked,
                        unmasked::add);
        assertThat(wired.masked(0)).as("armed by SET_IRQS alone").isFalse();
        assertThat(wired.enabled()).isFalse();

        space.write(TestSpace.FIRST + 2, 2, 0xc000);
        assertThat(wired.masked(0)).as("a guest enables MSI-X").isTrue();
        assertThat(wired.enabled()).isTrue();

        space.write(TestSpace.FIRST + 2, 2, 0x8000);
        assertThat(wired.masked(0)).as("and is done, its table kept by QEMU").isFalse();
    }

    private long read(int offset, int width) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        assertThat(table.entries().read(offset, bytes)).isEqualTo(Completion.DONE);
        return LittleEndian.get(bytes, 0, width);
    }

    private void write(int offset, int width, long value) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(bytes, 0, width, value);
        assertThat(table.entries().write(offset, bytes)).isEqualTo(Completion.DONE);
    }
}
