package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class SparseMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void takesUpRoomOnlyWhereItIsWritten() throws IOException {
        try (SparseMemory memory = SparseMemory.create(64 * MIB)) {
            MemorySegment segment = memory.segment();
            long before = residentKib(segment.address());
            assertThat(segment.asSlice(0, 16 * MIB).mismatch(zeros(16 * MIB))).isEqualTo(-1);
            assertThat(residentKib(segment.address()) - before).isLessThan(2048);

            segment.asSlice(8 * MIB, 16 * MIB).fill((byte) 1);
            assertThat(residentKib(segment.address()) - before).isGreaterThanOrEqualTo(16 * 1024);

            memory.release(8 * MIB, 16 * MIB);
            assertThat(residentKib(segment.address()) - before).isLessThan(2048);
            assertThat(segment.get(JAVA_BYTE, 8 * MIB)).isZero();
        }
    }

    @Test
    void releasesExactlyTheRange() {
        try (SparseMemory memory = SparseMemory.create(10_000)) {
            byte[] expected = new byte[10_000];
            for (long[] range : new long[][] {{100, 50}, {4000, 200}, {1, 9998}, {4096, 4096}}) {
                memory.segment().fill((byte) 5);
                Arrays.fill(expected, (byte) 5);
                Arrays.fill(expected, (int) range[0], (int) (range[0] + range[1]), (byte) 0);

                memory.release(range[0], range[1]);

                assertThat(memory.segment().mismatch(MemorySegment.ofArray(expected)))
                        .isEqualTo(-1);
            }
            memory.release(10_000, 0);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> memory.release(9_999, 2));
        }
    }

    @Test
    void mayBeLargerThanTheMachine() {
        try (SparseMemory memory = SparseMemory.create(1L << 42)) {
            memory.segment().set(JAVA_BYTE, (1L << 42) - 1, (byte) 3);
            assertThat(memory.segment().get(JAVA_BYTE, (1L << 42) - 1)).isEqualTo((byte) 3);
            assertThat(memory.size()).isEqualTo(1L << 42);
        }
    }

    @Test
    void givesTheRoomBackWhenClosed() throws IOException {
        SparseMemory memory = SparseMemory.create(16 * MIB);
        long address = memory.segment().fill((byte) 1).address();
        long before = residentKib(address);
        memory.close();
        memory.close();

        assertThat(before - residentKib(address)).isGreaterThan(14 * 1024);
        assertThatIllegalStateException().isThrownBy(memory::segment);
        assertThatIllegalStateException().isThrownBy(() -> memory.release(0, 1));
    }

    @Test
    void needsASizeThatThereIs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SparseMemory.create(0).close())
                .withMessage("size: 0 (expected: at least 1)");
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> SparseMemory.create(1L << 62).close())
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
    }

    private static MemorySegment zeros(long size) {
        return MemorySegment.ofArray(new byte[(int) size]);
    }

    /// The resident size of the kernel's mapping that holds an address, which has no neighbour with
    /// the same rights merged into it unless that is empty, too.
    private static long residentKib(long address) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        boolean within = false;
        for (String line : lines) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] bounds = line.substring(0, line.indexOf(' ')).split("-", -1);
                within =
                        Long.parseUnsignedLong(bounds[0], 16) <= address
                                && address < Long.parseUnsignedLong(bounds[1], 16);
            } else if (within && line.startsWith("Anonymous:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError("address: 0x%x (expected: mapped)".formatted(address));
    }
}
