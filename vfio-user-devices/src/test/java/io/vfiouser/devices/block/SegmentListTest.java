package io.vfiouser.devices.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class SegmentListTest {
    private final MemorySegment first = NativeMemory.allocate(100);
    private final MemorySegment second = NativeMemory.allocate(50);
    private final SegmentList list = new SegmentList();

    @Test
    void keepsRangesInOrder() {
        list.add(first, 10, 20);
        list.add(second, 0, 50);
        list.add(first, 40, 1);

        assertThat(list.count()).isEqualTo(3);
        assertThat(list.totalLength()).isEqualTo(71);
        assertThat(list.base(1)).isEqualTo(second);
        assertThat(list.offset(2)).isEqualTo(40);
        assertThat(list.length(0)).isEqualTo(20);
        assertThat(list.address(0)).isEqualTo(first.address() + 10);
    }

    @Test
    void joinsARangeWithTheOneItContinues() {
        list.add(first, 0, 30);
        list.add(first, 30, 30);
        list.add(first, 61, 2);
        list.add(second, 13, 0);

        assertThat(list.count()).isEqualTo(2);
        assertThat(list.length(0)).isEqualTo(60);
        assertThat(list.totalLength()).isEqualTo(62);
    }

    @Test
    void growsAndIsEmptyAgain() {
        for (int i = 0; i < 40; i += 2) {
            list.add(first, i, 1);
        }
        assertThat(list.count()).isEqualTo(20);
        assertThat(list.offset(19)).isEqualTo(38);

        list.clear();

        assertThat(list.count()).isZero();
        assertThat(list.totalLength()).isZero();
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> list.base(0));
    }

    @Test
    void takesAPartOfAnother() {
        var source = new SegmentList();
        source.add(first, 10, 20);
        source.add(second, 5, 20);
        source.add(first, 60, 20);

        list.addPart(source, 15, 30);

        assertThat(list.count()).isEqualTo(3);
        assertThat(list.offset(0)).isEqualTo(25);
        assertThat(list.length(0)).isEqualTo(5);
        assertThat(list.length(1)).isEqualTo(20);
        assertThat(list.offset(2)).isEqualTo(60);
        assertThat(list.length(2)).isEqualTo(5);

        list.clear();
        list.addPart(source, 20, 20);
        assertThat(list.count()).isEqualTo(1);
        assertThat(list.base(0)).isEqualTo(second);
        list.addPart(source, 60, 0);
        assertThat(list.count()).isEqualTo(1);
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> list.add(first, 90, 11))
                .withMessage("offset: 0x5a, length: 11 (expected: within the segment's 100 bytes)");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> list.add(first, -1, 1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> list.add(first, Long.MAX_VALUE, 1));
        var source = new SegmentList();
        source.add(second, 0, 50);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> list.addPart(source, 20, 31));
        assertThat(list.count()).isZero();
    }

    @Test
    void copiesPartsOut() {
        fillWithNumbers();
        MemorySegment into = NativeMemory.allocate(12);

        list.copyOut(15, into, 1, 10);

        assertThat(into.toArray(JAVA_BYTE))
                .containsExactly(0, 25, 26, 27, 28, 29, 105, 106, 107, 108, 109, 0);
        list.copyOut(30, into, 0, 0);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> list.copyOut(25, into, 0, 6));
    }

    @Test
    void copiesIntoParts() {
        fillWithNumbers();
        MemorySegment source = NativeMemory.allocate(12).fill((byte) -1);

        list.copyIn(18, source, 0, 4);

        assertThat(first.get(JAVA_BYTE, 27)).isEqualTo((byte) 27);
        assertThat(first.get(JAVA_BYTE, 28)).isEqualTo((byte) -1);
        assertThat(first.get(JAVA_BYTE, 30)).isEqualTo((byte) 30);
        assertThat(second.get(JAVA_BYTE, 5)).isEqualTo((byte) -1);
        assertThat(second.get(JAVA_BYTE, 6)).isEqualTo((byte) -1);
        assertThat(second.get(JAVA_BYTE, 7)).isEqualTo((byte) 107);
    }

    @Test
    void makesPartsZero() {
        fillWithNumbers();

        list.clearMemory(19, 2);

        assertThat(first.get(JAVA_BYTE, 28)).isEqualTo((byte) 28);
        assertThat(first.get(JAVA_BYTE, 29)).isZero();
        assertThat(second.get(JAVA_BYTE, 5)).isZero();
        assertThat(second.get(JAVA_BYTE, 6)).isEqualTo((byte) 106);
    }

    @Test
    void takesNativeMemoryOnly() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> list.add(MemorySegment.ofArray(new byte[1]), 0, 1))
                .withMessage("base: on the heap (expected: native)");
    }

    private void fillWithNumbers() {
        for (int i = 0; i < 50; i++) {
            first.set(JAVA_BYTE, i, (byte) i);
            second.set(JAVA_BYTE, i, (byte) (100 + i));
        }
        list.add(first, 10, 20);
        list.add(second, 5, 10);
    }
}
