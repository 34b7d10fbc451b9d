package io.vfiouser.server.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegionIndexTest {
    @Test
    void emptyIndexHasNoFloor() {
        var index = new RegionIndex();
        assertThat(index.floor(0)).isNull();
        assertThat(index.floor(-1)).isNull();
        assertThat(index.size()).isZero();
    }

    @Test
    void ordersAddressesAsUnsigned() {
        var index = new RegionIndex();
        var low = region(0x1000);
        var high = region(0x8000_0000_0000_0000L);
        var top = region(0xffff_ffff_ffff_f000L);
        for (DmaRegion region : List.of(top, low, high)) {
            index.add(region);
        }
        assertThat(index.floor(0xfff)).isNull();
        assertThat(index.floor(0x1000)).isSameAs(low);
        assertThat(index.floor(0x7fff_ffff_ffff_ffffL)).isSameAs(low);
        assertThat(index.floor(0x8000_0000_0000_0000L)).isSameAs(high);
        assertThat(index.floor(0xffff_ffff_ffff_efffL)).isSameAs(high);
        assertThat(index.floor(-1)).isSameAs(top);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithATreeMap(long seed) {
        var random = new Random(seed);
        var index = new RegionIndex();
        var model = new TreeMap<Long, DmaRegion>(Long::compareUnsigned);
        int ceiling = 1 << (2 + random.nextInt(11));
        for (int step = 0; step < 40_000; step++) {
            // Grows and shrinks in turns, so that leaves split and merge again and again.
            boolean grow = (step / ceiling) % 2 == 0;
            if (random.nextInt(10) < (grow ? 8 : 2)) {
                DmaRegion region = region(random.nextInt(ceiling * 4) * 0x0010_0000_0000_0001L);
                if (model.putIfAbsent(region.iova(), region) == null) {
                    index.add(region);
                }
            } else if (!model.isEmpty()) {
                var victim = pick(model, random.nextInt(ceiling * 4) * 0x0010_0000_0000_0001L);
                model.remove(victim.iova());
                index.remove(victim);
            }
            long probe =
                    random.nextInt(ceiling * 4) * 0x0010_0000_0000_0001L + random.nextInt(3) - 1;
            Map.Entry<Long, DmaRegion> floor = model.floorEntry(probe);
            assertThat(index.floor(probe))
                    .as("seed %d, step %d, floor of 0x%x", seed, step, probe)
                    .isSameAs(floor == null ? null : floor.getValue());
            assertThat(index.size()).isEqualTo(model.size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"upwards", "downwards", "shuffled"})
    void findsEachOf65536RegionsWhileTheyComeAndGo(String direction) {
        var regions = new ArrayList<DmaRegion>();
        for (long i = 0; i < 65_536; i++) {
            regions.add(region(i * 0x2000));
        }
        switch (direction) {
            case "downwards" -> Collections.reverse(regions);
            case "shuffled" -> Collections.shuffle(regions, new Random(9));
            default -> assertThat(direction).isEqualTo("upwards");
        }
        var index = new RegionIndex();
        regions.forEach(index::add);
        assertThat(index.size()).isEqualTo(65_536);
        assertThat(regions).allMatch(region -> index.floor(region.iova() + 0x1fff) == region);
        List<DmaRegion> goners = regions.subList(0, 65_536 - 16);
        goners.forEach(index::remove);
        assertThat(goners).noneMatch(region -> index.floor(region.iova()) == region);
        assertThat(regions.subList(65_536 - 16, 65_536))
                .allMatch(region -> index.floor(region.iova()) == region);
        index.clear();
        assertThat(index.floor(-1)).isNull();
    }

    private static DmaRegion pick(NavigableMap<Long, DmaRegion> model, long near) {
        Map.Entry<Long, DmaRegion> floor = model.floorEntry(near);
        return floor == null ? model.firstEntry().getValue() : floor.getValue();
    }

    private static DmaRegion region(long iova) {
        return new DmaRegion(iova, 0x1000, true, true, MessageMemory.INSTANCE);
    }
}
