package io.vfiouser.device.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IovaTest {
    @Test
    void containsIsUnsignedAndKnowsTheEndOfTheSpace() {
        assertThat(Iova.contains(0x1000, 0x1000, 0x1000, 0x1000)).isTrue();
        assertThat(Iova.contains(0x1000, 0x1000, 0x1fff, 2)).isFalse();
        assertThat(Iova.contains(0x1000, 0x1000, 0xfff, 1)).isFalse();
        assertThat(Iova.contains(-0x1000, 0x1000, -1, 1)).isTrue();
        assertThat(Iova.contains(-0x1000, 0x1000, -1, 2)).isFalse();
        assertThat(Iova.contains(-0x40, 0x40, -0x40, 0x40)).isTrue();
        assertThat(Iova.contains(0, 0x1000, -1, 1)).isFalse();
        assertThat(Iova.contains(0x1000, 0x1000, 0x1800, -1)).isFalse();
    }

    @Test
    void wrapsOnlyPastTheEnd() {
        assertThat(Iova.wraps(-0x1000, 0x1000)).isFalse();
        assertThat(Iova.wraps(-0x1000, 0x1001)).isTrue();
        assertThat(Iova.wraps(0, -1)).isFalse();
        assertThat(Iova.wraps(1, 0)).isFalse();
        assertThat(Iova.wraps(2, -1)).isTrue();
    }
}
