package io.vfiouser.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class DmaPoolTest {
    private final DmaPool pool = new DmaPool(4 * 4096, 0x10_0000);

    @Test
    void givesPagesOutAgainZeroed() {
        try (pool) {
            DmaBuffer first = pool.allocate(1);
            DmaBuffer second = pool.allocate(4097);
            assertThat(first.iova()).isEqualTo(0x10_0000);
            assertThat(second.iova()).isEqualTo(0x10_1000);
            assertThat(second.size()).isEqualTo(8192);
            second.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);

            first.close();
            second.close();
            second.close();
            DmaBuffer all = pool.allocate(4 * 4096);
            assertThat(all.iova()).isEqualTo(0x10_0000);
            assertThat(all.segment().get(ValueLayout.JAVA_BYTE, 4096)).isZero();
        }
    }

    @Test
    void fillsAHoleOnlyWithWhatFits() {
        try (pool) {
            DmaBuffer hole = pool.allocate(4096);
            assertThat(pool.allocate(4096).iova()).isEqualTo(0x10_1000);
            hole.close();
            assertThat(pool.allocate(8192).iova()).isEqualTo(0x10_2000);
            assertThat(pool.allocate(4096).iova()).isEqualTo(0x10_0000);
            assertThatThrownBy(() -> pool.allocate(1))
                    .hasMessage(
                            "memorySize: 16384, of which 16384 used (expected: room for 1 more)");
        }
    }

    @Test
    void aBufferKnowsItsEnd() {
        try (pool) {
            DmaBuffer buffer = pool.allocate(4096);
            assertThat(buffer.address(96, 4000)).isEqualTo(0x10_0060);
            assertThatThrownBy(() -> buffer.address(97, 4000))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
