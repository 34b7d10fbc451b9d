package io.vfiouser.device.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.os.SharedMemory;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class MemoryRegionTest {
    @Test
    void scratchReadsAsZeroBeforeItIsWritten() {
        MemoryRegion region = MemoryRegion.scratch(0x1000);
        byte[] bytes = {1, 2, 3};

        region.read(0xffd, MemorySegment.ofArray(bytes));

        assertThat(bytes).containsExactly(0, 0, 0);
    }

    @Test
    void scratchKeepsWhatIsWritten() {
        MemoryRegion region = MemoryRegion.scratch(0x1000);

        region.write(0xffd, MemorySegment.ofArray(new byte[] {1, 2, 3}));

        byte[] bytes = new byte[4];
        region.read(0xffc, MemorySegment.ofArray(bytes));
        assertThat(bytes).containsExactly(0, 1, 2, 3);
        assertThat(region.segment().byteSize()).isEqualTo(0x1000);
    }

    @Test
    void scratchNeedsASize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRegion.scratch(0))
                .withMessage("size: 0 (expected: at least 1)");
    }

    @Test
    void sharedShowsTheBytesOfTheSharedMemory() {
        try (SharedMemory memory = SharedMemory.create("test", 0x1000)) {
            MemoryRegion region = MemoryRegion.shared(memory);
            memory.segment().set(LittleEndian.INT, 0x10, 0x1234);
            byte[] bytes = new byte[2];

            region.read(0x10, MemorySegment.ofArray(bytes));
            region.write(0x20, MemorySegment.ofArray(bytes));

            assertThat(bytes).containsExactly(0x34, 0x12);
            assertThat(memory.segment().get(LittleEndian.INT, 0x20)).isEqualTo(0x1234);
        }
    }

    @Test
    void clearedMemoryReadsAsZero() {
        try (SharedMemory memory = SharedMemory.create("test", 0x1000)) {
            for (MemoryRegion region :
                    List.of(MemoryRegion.scratch(0x1000), MemoryRegion.shared(memory))) {
                region.write(0x10, MemorySegment.ofArray(new byte[] {1, 2, 3}));

                region.clear();

                byte[] bytes = {4, 5, 6};
                region.read(0x10, MemorySegment.ofArray(bytes));
                assertThat(bytes).containsExactly(0, 0, 0);
                region.write(0x10, MemorySegment.ofArray(new byte[] {7}));
                region.read(0x10, MemorySegment.ofArray(bytes));
                assertThat(bytes).containsExactly(7, 0, 0);
            }
        }
    }
}
