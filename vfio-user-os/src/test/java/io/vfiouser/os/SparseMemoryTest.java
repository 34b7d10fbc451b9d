package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparseMemoryTest {
    private static final long MIB = 1 << 20;
    private static final int PAGE = 4096;
    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;
    private static final long EXCLUSIVE = 1L << 56;

    @Test
    void takesUpRoomOnlyWhereItIsWritten() throws IOException {
        try (SparseMemory memory = SparseMemory.create(64 * MIB)) {
            MemorySegment segment = memory.segment();
            assertThat(segment.asSlice(0, 16 * MIB).mismatch(zeros(16 * MIB))).isEqualTo(-1);
            assertThat(residentKib(segment.address(), 64 * MIB)).isLessThan(2048);

            segment.asSlice(8 * MIB, 16 * MIB).fill((byte) 1);
            assertThat(residentKib(segment.address(), 64 * MIB)).isGreaterThanOrEqualTo(16 * 1024);

            memory.release(8 * MIB, 16 * MIB);
            assertThat(residentKib(segment.address(), 64 * MIB)).isLessThan(2048);
            assertThat(segment.get(JAVA_BYTE, 8 * MIB)).isZero();
        }
    }

    @Test
    void asksForHugePages() throws IOException {
        assumeThat(Path.of("/sys/kernel/mm/transparent_hugepage")).exists();
        try (SparseMemory memory = SparseMemory.create(64 * MIB)) {
            long address = memory.segment().address();
            assertThat(flags(address)).doesNotContain("hg");
            assertThat(memory.preferHugePages()).isSameAs(memory);
            assertThat(flags(address)).contains("hg");
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
        long before = residentKib(address, 16 * MIB);
        memory.close();
        memory.close();

        assertThat(before - residentKib(address, 16 * MIB)).isGreaterThan(14 * 1024);
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

    /// How much of a range the kernel holds pages of this process alone for, the shared page of
    /// zeros not counted; present or swapped out.
    private static long residentKib(long address, long size) throws IOException {
        var entries = ByteBuffer.allocate((int) (size / PAGE * Long.BYTES));
        try (FileChannel pages = FileChannel.open(Path.of("/proc/self/pagemap"))) {
            long at = address / PAGE * Long.BYTES;
            while (entries.hasRemaining() && pages.read(entries, at + entries.position()) > 0) {}
        }
        var flags = entries.flip().order(ByteOrder.nativeOrder()).asLongBuffer();
        long own = 0;
        while (flags.hasRemaining()) {
            long page = flags.get();
            if (((page & PRESENT) != 0 && (page & EXCLUSIVE) != 0) || (page & SWAPPED) != 0) {
                own++;
            }
        }
        return own * PAGE / 1024;
    }

    /// The flags of the mapping that has an address.
    private static List<String> flags(long address) throws IOException {
        boolean found = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String[] words = line.split("[ -]+", 3);
            if (line.startsWith("VmFlags:") && found) {
                return List.of(line.split(" +"));
            }
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                found =
                        Long.parseUnsignedLong(words[0], 16) <= address
                                && address < Long.parseUnsignedLong(words[1], 16);
            }
        }
        throw new AssertionError("address: 0x%x (expected: mapped)".formatted(address));
    }
}
