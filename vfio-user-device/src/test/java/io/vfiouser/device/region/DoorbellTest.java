package io.vfiouser.device.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.os.SharedMemory;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class DoorbellTest {
    @Test
    void knowsTheValueThatRangItAsFarAsItCan() {
        try (var memory = SharedMemory.create("shadow", 0x1000)) {
            memory.segment().set(ValueLayout.JAVA_INT, 8, 0xffff_fff0);
            assertThat(Doorbell.at(0, 4).value()).isZero();
            assertThat(Doorbell.at(0, 4).matching(9).value()).isEqualTo(9);
            assertThat(Doorbell.at(0, 4).shadowedBy(memory, 8).value()).isEqualTo(0xffff_fff0L);
            assertThat(Doorbell.at(0, 2).shadowedBy(memory, 8).value()).isEqualTo(0xfff0);
            assertThat(Doorbell.at(0, 1).shadowedBy(memory, 8).value()).isEqualTo(0xf0);
        }
    }

    @Test
    void collidesWhereOneWriteRingsBoth() {
        Doorbell any = Doorbell.at(0x10, 0);
        Doorbell four = Doorbell.at(0x10, 4);
        assertThat(any.collidesWith(four)).isTrue();
        assertThat(four.collidesWith(any)).isTrue();
        assertThat(four.collidesWith(four.matching(1))).isTrue();
        assertThat(four.matching(1).collidesWith(four.matching(1))).isTrue();
        assertThat(four.matching(1).collidesWith(four.matching(2))).isFalse();
        assertThat(four.collidesWith(Doorbell.at(0x10, 8))).isFalse();
        assertThat(four.collidesWith(Doorbell.at(0x12, 4))).isFalse();
    }

    @Test
    void refusesWhatNoHypervisorTakes() {
        for (int size : new int[] {-1, 3, 16, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> Doorbell.at(0, size))
                    .hasMessage("size: " + size + " (expected: 0, 1, 2, 4 or 8)");
        }
        assertThatThrownBy(() -> Doorbell.at(-1, 4)).hasMessageContaining("offset: -1");
        assertThatThrownBy(() -> Doorbell.at(0, 0).matching(1))
                .hasMessageContaining("which must not be 0");
        assertThatThrownBy(() -> Doorbell.at(0, 2).matching(0x1_0000))
                .hasMessage("match: 0x10000 (expected: a value of the doorbell's size, 2 bytes)");
        assertThat(Doorbell.at(0, 8).matching(-1).value()).isEqualTo(-1);
    }

    @Test
    void refusesShadowMemoryThatDoesNotFit() {
        try (var memory = SharedMemory.create("shadow", 0x1000)) {
            assertThatThrownBy(() -> Doorbell.at(0, 0).shadowedBy(memory, 0))
                    .hasMessageContaining("a size other than 0");
            for (long offset : new long[] {-4, 2, 0x1000, Long.MAX_VALUE - 3}) {
                assertThatThrownBy(() -> Doorbell.at(0, 4).shadowedBy(memory, offset))
                        .hasMessageContaining("shadow offset: 0x" + Long.toHexString(offset));
            }
            assertThatThrownBy(() -> Doorbell.at(0, 4).withoutEventFd())
                    .hasMessage("silent: true (expected: shadow memory with it)");
        }
    }
}
