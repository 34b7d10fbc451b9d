package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.mapMessages;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cache alone, and that a table with a cache never finds what it had before.
class LookUpCacheTest {
    private final DmaTable table = Maps.table();

    @AfterEach
    void closeTable() {
        table.close();
    }

    @Test
    void hitsOnlyWithinTheRegion() {
        var cache = new LookUpCache(100);
        var region = new DmaRegion(0x1800, 0x100, true, true, MessageMemory.INSTANCE);
        assertThat(cache.get(0x1800)).isNull();
        cache.put(0x1800, region);
        assertThat(cache.get(0x1800)).isSameAs(region);
        assertThat(cache.get(0x18ff)).isSameAs(region);
        assertThat(cache.get(0x1900)).isNull();
        assertThat(cache.get(0x17ff)).isNull();
        region.withdraw();
        assertThat(cache.get(0x1800)).isNull();
    }

    @Test
    void growsWithTheTableUpToALimit() {
        assertThat(new LookUpCache(100).isTooSmallFor(128)).isFalse();
        assertThat(new LookUpCache(100).isTooSmallFor(129)).isTrue();
        assertThat(new LookUpCache(1 << 20).isTooSmallFor(1 << 24)).isFalse();
    }

    @Test
    void forgetsARegionThatIsMappedAnewAtTheSameAddress() {
        for (long i = 0; i < 200; i++) {
            mapMessages(table, i * 2 * PAGE, PAGE, RW);
        }
        assertThat(table.region(0x2010)).isPresent();
        Maps.unmap(table, 0x2000, PAGE);
        assertThat(table.region(0x2010)).isEmpty();
        mapMessages(table, 0x2000, 0x10, RW);
        assertThat(table.region(0x200f)).isPresent();
        assertThat(table.region(0x2010)).isEmpty();
        mapMessages(table, 0x2010, 0x10, RW);
        assertThat(table.region(0x2010)).map(DmaRegion::iova).contains(0x2010L);
        assertThat(table.region(0x200f)).map(DmaRegion::iova).contains(0x2000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void agreesWithATreeMapWhileRegionsComeAndGo(long seed) {
        var random = new Random(seed);
        var model = new TreeMap<Long, Long>(Long::compareUnsigned);
        for (int step = 0; step < 30_000; step++) {
            // Between none and some hundreds, in slots of half a page, so that pages are shared.
            long start = (random.nextInt(600) - 300) * (PAGE / 2);
            boolean grow = (step / 2_000) % 2 == 0;
            if (random.nextInt(10) < (grow ? 4 : 1)) {
                long size = 1L + random.nextInt((int) PAGE / 2);
                if (model.putIfAbsent(start, size) == null) {
                    mapMessages(table, start, size, RW);
                }
            } else if (random.nextInt(10) < (grow ? 1 : 4)) {
                Long size = model.remove(start);
                if (size != null) {
                    Maps.unmap(table, start, size);
                }
            }
            long probe = (random.nextInt(600) - 300) * (PAGE / 2) + random.nextInt((int) PAGE / 2);
            Map.Entry<Long, Long> floor = model.floorEntry(probe);
            boolean found =
                    floor != null
                            && Long.compareUnsigned(probe - floor.getKey(), floor.getValue()) < 0;
            DmaRegion region = table.find(probe);
            assertThat(region == null ? null : region.iova())
                    .as("seed %d, step %d, look up 0x%x", seed, step, probe)
                    .isEqualTo(found ? floor.getKey() : null);
        }
    }
}
