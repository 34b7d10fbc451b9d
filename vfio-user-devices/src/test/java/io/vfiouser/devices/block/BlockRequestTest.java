package io.vfiouser.devices.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// [BlockRequest] and [BlockProperties].
class BlockRequestTest {
    private static final BlockProperties DISK =
            new BlockProperties(8192, 512, 4096, false, true, true, true, true);

    private final TestRequest request = new TestRequest();
    private final MemorySegment memory = NativeMemory.allocate(4096);

    @Test
    void isCompletedOnceForEachTimeItIsFilled() {
        request.flush();
        request.complete(BlockStatus.OK);
        assertThatIllegalStateException()
                .isThrownBy(() -> request.complete(BlockStatus.IO_ERROR))
                .withMessage("request: completed with IO_ERROR (expected: submitted before)");
        request.flush();
        request.complete(BlockStatus.OK);

        assertThat(request.completions()).isEqualTo(2);
        assertThat(request.await()).isEqualTo(BlockStatus.OK);
    }

    @Test
    void forgetsWhatItWas() {
        request.write(512, 4096, true).data().add(memory, 0, 4096);
        request.read(0, 512);

        assertThat(request.operation()).isEqualTo(BlockOperation.READ);
        assertThat(request.fua()).isFalse();
        assertThat(request.data().count()).isZero();
    }

    @Test
    void asksForTheSameAsAnother() {
        request.write(512, 4096, true).data().add(memory, 0, 4096);
        var copy = new TestRequest();
        copy.sameAs(request);

        assertThat(copy.operation()).isEqualTo(BlockOperation.WRITE);
        assertThat(copy.offset()).isEqualTo(512);
        assertThat(copy.length()).isEqualTo(4096);
        assertThat(copy.fua()).isTrue();
        assertThat(copy.data().totalLength()).isEqualTo(4096);
    }

    @Test
    void asksForAPartOfAnother() {
        request.write(512, 4096, false).data().add(memory, 0, 4096);
        var part = new TestRequest();
        part.partOf(request, 1024, 512);
        assertThat(part.offset()).isEqualTo(1536);
        assertThat(part.length()).isEqualTo(512);
        assertThat(part.data().offset(0)).isEqualTo(1024);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> part.partOf(request, 4096, 1));

        request.writeZeroes(0, 8192, false, true);
        part.partOf(request, 4096, 512);
        assertThat(part.operation()).isEqualTo(BlockOperation.WRITE_ZEROES);
        assertThat(part.mayDeallocate()).isTrue();
        assertThat(part.offset()).isEqualTo(4096);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 8192, OK",
        "8192, 0, OK",
        "7680, 512, OK",
        "7680, 1024, OUT_OF_RANGE",
        "8704, 0, OUT_OF_RANGE",
        "-512, 512, OUT_OF_RANGE",
        "512, -512, OUT_OF_RANGE",
        "512, 9223372036854775807, OUT_OF_RANGE",
        "9223372036854775296, 512, OUT_OF_RANGE",
        "1, 512, MISALIGNED",
        "512, 511, MISALIGNED",
    })
    void rangesAreChecked(long offset, long length, BlockStatus expected) {
        request.deallocate(offset, length);
        assertThat(DISK.check(request)).isEqualTo(expected);
    }

    @Test
    void memoryMustBeOfTheRangesLength() {
        request.read(0, 1024).data().add(memory, 0, 512);
        assertThat(DISK.check(request)).isEqualTo(BlockStatus.MISALIGNED);
        request.data().add(memory, 1024, 512);
        assertThat(DISK.check(request)).isEqualTo(BlockStatus.OK);
    }

    @Test
    void whatIsReadOnlyTakesNoChange() {
        BlockProperties readOnly = DISK.asReadOnly();
        assertThat(readOnly.check(request.deallocate(0, 512))).isEqualTo(BlockStatus.READ_ONLY);
        assertThat(readOnly.check(request.writeZeroes(0, 512, false, false)))
                .isEqualTo(BlockStatus.READ_ONLY);
        assertThat(readOnly.check(request.write(0, 0, false))).isEqualTo(BlockStatus.READ_ONLY);
        assertThat(readOnly.check(request.read(0, 0))).isEqualTo(BlockStatus.OK);
        assertThat(readOnly.check(request.flush())).isEqualTo(BlockStatus.OK);
    }

    @Test
    void propertiesAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new BlockProperties(8192, 500, 4096, false, true, true, true, true))
                .withMessage("blockSize: 500 (expected: a power of two up to 65536)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new BlockProperties(8192, 512, 256, false, true, true, true, true))
                .withMessage("preferredSize: 256 (expected: a power of two of at least 512)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DISK.withCapacity(8193))
                .withMessage("capacityBytes: 8193 (expected: a multiple of 512)");
        assertThat(DISK.withCapacity(512).capacityBytes()).isEqualTo(512);
    }
}
