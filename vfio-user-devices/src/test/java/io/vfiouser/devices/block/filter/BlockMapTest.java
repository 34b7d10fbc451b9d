package io.vfiouser.devices.block.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockMapTest {
    private static final int BLOCKS = 200_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithOneLongRowOfBits(long seed) {
        var random = new Random(seed);
        var map = new BlockMap();
        var model = new BitSet();
        for (int i = 0; i < 100; i++) {
            int from = random.nextInt(BLOCKS);
            int to = Math.min(BLOCKS, from + random.nextInt(i % 10 == 0 ? 80_000 : 300));
            map.set(from, to);
            model.set(from, to);
            int start = random.nextInt(BLOCKS);
            int end = start + 1 + random.nextInt(BLOCKS - start);
            int next = model.get(start) ? model.nextClearBit(start) : model.nextSetBit(start);
            assertThat(map.get(start)).isEqualTo(model.get(start));
            assertThat(map.endOfRun(start, end)).isEqualTo(next < 0 ? end : Math.min(next, end));
        }
    }

    @Test
    void worksFarOut() {
        var map = new BlockMap();
        map.set(1L << 50, (1L << 50) + 3);
        assertThat(map.get((1L << 50) + 2)).isTrue();
        assertThat(map.get((1L << 50) + 3)).isFalse();
        assertThat(map.endOfRun(1L << 50, (1L << 50) + 10)).isEqualTo((1L << 50) + 3);
    }
}
