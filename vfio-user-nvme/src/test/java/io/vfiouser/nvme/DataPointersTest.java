package io.vfiouser.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DataPointersTest {
    private static final long BASE = 0x10_0000;

    private final DmaPool pool = new DmaPool(16 * 4096, BASE);
    private final DataPointers prps = new DataPointers(false, 128 << 10, 15, pool);

    @ParameterizedTest
    @CsvSource({
        "0x5000, 512, 0",
        "0x5000, 4096, 0",
        "0x5ffc, 4, 0",
        "0x5000, 4100, 0x6000",
        "0x5ffc, 8, 0x6000",
        "0x5004, 8188, 0x6000"
    })
    void twoPagesNeedNoList(String address, long length, String second) {
        try (pool) {
            long at = Long.decode(address);
            assertThat(prps.describe(3, at, length)).isEqualTo(at);
            assertThat(prps.second()).isEqualTo(Long.decode(second));
        }
    }

    @Test
    void longerTransfersHaveAListOfTheirCommand() {
        try (pool) {
            assertThat(prps.describe(3, 0x5004, 128 << 10)).isEqualTo(0x5004);
            assertThat(prps.second()).isEqualTo(BASE + 3 * 256);
            for (int i = 0; i < 32; i++) {
                long entry = pool.memory().segment().get(Words.LONG, 3 * 256 + i * 8L);
                assertThat(entry).as("entry %d", i).isEqualTo(0x6000 + i * 0x1000L);
            }
        }
    }

    @Test
    void anSglIsAddressAndLength() {
        try (pool;
                var sgls = new DataPointers(true, 128 << 10, 15, pool)) {
            assertThat(sgls.describe(0, 0x5004, 128 << 10)).isEqualTo(0x5004);
            assertThat(sgls.second()).isEqualTo(0x2_0000);
            assertThat(sgls.kind()).isEqualTo(0x4000);
        }
    }
}
