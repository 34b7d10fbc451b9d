package io.vfiouser.devices.testdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.DmaMessage;
import io.vfiouser.testkit.DmaMessage.Direction;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class DmaEngineTest {
    private static final long SOURCE = 1L << 33;
    private static final long DESTINATION = 1L << 34;
    private static final long MIB = 1 << 20;
    private static final long COPY = 0;
    private static final long BY_MESSAGE = 1;
    private static final long TRANSLATE = 2;

    private DeviceTester tester;

    @BeforeEach
    void open() {
        tester = DeviceTester.attach(new TestDevice());
    }

    @AfterEach
    void close() {
        tester.close();
    }

    @Nested
    class DirectCopies {
        @ParameterizedTest
        @ValueSource(longs = {1, 64, 4095, 4096, 256 << 10, (256 << 10) + 1, MIB, 16 * MIB})
        void copyTheWholeLengthAndNoMore(long length) {
            MemorySegment source = fill(tester.map(SOURCE, length));
            MemorySegment destination = tester.map(DESTINATION, length + 1);

            dma(SOURCE, DESTINATION, length, COPY);

            assertThat(source.mismatch(destination)).isEqualTo(length);
            assertThat(destination.get(ValueLayout.JAVA_BYTE, length)).isZero();
            assertThat(tester.dmaMessages()).isEmpty();
        }

        @Test
        void copyNothingWhenTheLengthIs0() {
            dma(SOURCE, DESTINATION, 0, COPY);

            assertThat(tester.dmaMessages()).isEmpty();
        }

        @Test
        void crossTheBordersOfRegionsOnBothSides() {
            MemorySegment first = fill(tester.map(SOURCE, 0x3000));
            MemorySegment second = fill(tester.map(SOURCE + 0x3000, 0x5000));
            MemorySegment low = tester.map(DESTINATION, 0x1000);
            MemorySegment high = tester.map(DESTINATION + 0x1000, 0x7000);

            dma(SOURCE + 0x100, DESTINATION + 0x200, 0x6000, COPY);

            assertThat(low.asSlice(0x200).mismatch(first.asSlice(0x100, 0xe00))).isEqualTo(-1);
            assertThat(high.asSlice(0, 0x2100).mismatch(first.asSlice(0xf00))).isEqualTo(-1);
            assertThat(high.asSlice(0x2100, 0x3100).mismatch(second.asSlice(0, 0x3100)))
                    .isEqualTo(-1);
            assertThat(high.get(ValueLayout.JAVA_BYTE, 0x5200)).isZero();
        }

        @Test
        void letOtherDevicesGoOnInBetween() {
            MemorySegment source = fill(tester.map(SOURCE, 16 * MIB));
            MemorySegment destination = tester.map(DESTINATION, 16 * MIB);

            CompletableFuture<?> reply = beginDma(SOURCE, DESTINATION, 16 * MIB, COPY);

            int turns = 0;
            while (!reply.isDone()) {
                long before = source.mismatch(destination);
                assertThat(tester.runNextTask()).isTrue();
                long after = source.mismatch(destination);
                assertThat((after < 0 ? 16 * MIB : after) - before)
                        .as("bytes in one turn of the loop")
                        .isBetween(1L, 300L << 10);
                turns++;
            }
            assertThat(turns).isGreaterThan(50);
            assertThat(reply).isCompleted();
        }

        @Test
        void reachTheTopOfTheAddressSpace() {
            MemorySegment source = fill(tester.map(-0x1000, 0x1000));
            MemorySegment destination = tester.map(DESTINATION, 0x1000);

            dma(-0x1000, DESTINATION, 0x1000, COPY);

            assertThat(source.mismatch(destination)).isEqualTo(-1);
        }
    }

    @Nested
    class CopiesByMessage {
        @ParameterizedTest
        @ValueSource(longs = {1, 4096, MIB, MIB + 1, 16 * MIB})
        void reachMemoryThatIsMappedTheSameWay(long length) {
            MemorySegment source = fill(tester.map(SOURCE, length));
            MemorySegment destination = tester.map(DESTINATION, length);

            dma(SOURCE, DESTINATION, length, BY_MESSAGE);

            assertThat(source.mismatch(destination)).isEqualTo(-1);
            assertThat(tester.dmaMessages())
                    .startsWith(
                            new DmaMessage(Direction.READ, SOURCE, Math.min(length, MIB)),
                            new DmaMessage(Direction.WRITE, DESTINATION, Math.min(length, MIB)));
        }

        @Test
        void replyOnlyWhenTheLastMessageIsAnswered() {
            fill(tester.map(SOURCE, 0x1000));
            tester.map(DESTINATION, 0x1000);

            CompletableFuture<?> reply = beginDma(SOURCE, DESTINATION, 0x1000, BY_MESSAGE);

            assertThat(reply).isNotDone();
            assertThat(tester.runNextTask()).isTrue();
            assertThat(reply).isNotDone();
            assertThat(tester.runNextTask()).isTrue();
            assertThat(reply).isCompleted();
        }

        @Test
        void standInWhereTheSourceIsNotMapped() {
            MemorySegment source = fill(tester.map(byMessage(SOURCE, 0x2000)));
            MemorySegment destination = tester.map(DESTINATION, 0x2000);

            dma(SOURCE, DESTINATION, 0x2000, COPY);

            assertThat(source.mismatch(destination)).isEqualTo(-1);
            assertThat(tester.dmaMessages())
                    .containsExactly(new DmaMessage(Direction.READ, SOURCE, 0x2000));
        }

        @Test
        void standInWhereTheDestinationIsNotMapped() {
            MemorySegment source = fill(tester.map(SOURCE, 0x2000));
            MemorySegment destination = tester.map(byMessage(DESTINATION, 0x2000));

            dma(SOURCE, DESTINATION, 0x2000, COPY);

            assertThat(source.mismatch(destination)).isEqualTo(-1);
            assertThat(tester.dmaMessages())
                    .containsExactly(new DmaMessage(Direction.WRITE, DESTINATION, 0x2000));
        }
    }

    @Nested
    class Translations {
        @Test
        void touchNoData() {
            tester.map(SOURCE, 0x1000);

            dma(SOURCE, 8, 512, TRANSLATE | 10_000L << 32);

            assertThat(tester.dmaMessages()).isEmpty();
        }

        @Test
        void takeTurnsWithOtherDevices() {
            tester.map(SOURCE, 0x1000);

            CompletableFuture<?> reply = beginDma(SOURCE, 8, 512, TRANSLATE | 100_000L << 32);

            assertThat(reply).isNotDone();
            assertThat(tester.runTasks()).isGreaterThan(20);
            assertThat(reply).isCompleted();
        }

        @Test
        void findRegionsThatAreReachedByMessage() {
            tester.map(byMessage(SOURCE, 0x1000));

            dma(SOURCE, 8, 512, TRANSLATE | 100L << 32);

            assertThat(tester.dmaMessages()).isEmpty();
        }

        @Test
        void crossFromOneRegionIntoTheNext() {
            tester.map(SOURCE, 0x1000);
            tester.map(byMessage(SOURCE + 0x1000, 0x1000));

            dma(SOURCE + 0xffc, 0, 1, TRANSLATE | 1L << 32);

            assertThat(tester.dmaMessages()).isEmpty();
        }

        @Test
        void spreadOverAllAddresses() {
            tester.map(SOURCE, 0x1000);
            tester.map(SOURCE + 0x2000, 0x1000);

            assertRefused(Errno.ENOENT, () -> dma(SOURCE, 0x1000, 3, TRANSLATE | 10_000L << 32));
        }

        @Test
        void refuseAnAddressThatEndsOutsideARegion() {
            tester.map(SOURCE, 0x1000);

            assertRefused(Errno.ENOENT, () -> dma(SOURCE + 0xffc, 0, 1, TRANSLATE | 1L << 32));
        }

        @Test
        void refuseARegionThatTheDeviceMayNotRead() {
            tester.map(new DmaRange(SOURCE, 0x1000, false, true, true));

            assertRefused(Errno.EACCES, () -> dma(SOURCE, 8, 512, TRANSLATE | 1L << 32));
        }

        @Test
        void refuseToChooseAmongNoAddresses() {
            tester.map(SOURCE, 0x1000);

            assertRefused(Errno.EINVAL, () -> dma(SOURCE, 8, 0, TRANSLATE | 1L << 32));
        }

        @Test
        void doNothingWhenAskedForNone() {
            dma(SOURCE, 8, 512, TRANSLATE);

            assertThat(tester.runTasks()).isZero();
        }
    }

    @Nested
    class Refusals {
        @ParameterizedTest
        @ValueSource(longs = {16 * MIB + 1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1})
        void ofLengthsAboveTheLimit(long length) {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);

            for (long flags : new long[] {COPY, BY_MESSAGE, TRANSLATE | 1L << 32}) {
                assertRefused(Errno.EINVAL, () -> dma(SOURCE, DESTINATION, length, flags));
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {3, 4, 0x8000_0000L, 1L << 32, 1L << 32 | 1, -1})
        void ofUnknownFlags(long flags) {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);

            assertRefused(Errno.EINVAL, () -> dma(SOURCE, DESTINATION, 0x1000, flags));
        }

        @ParameterizedTest
        @ValueSource(longs = {COPY, BY_MESSAGE})
        void ofAddressesInNoRegion(long flags) {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);

            assertRefused(Errno.ENOENT, () -> dma(0x1000, DESTINATION, 0x1000, flags));
            assertRefused(Errno.ENOENT, () -> dma(SOURCE, 0x1000, 0x1000, flags));
            assertRefused(Errno.ENOENT, () -> dma(SOURCE + 1, DESTINATION, 0x1000, flags));
            assertRefused(Errno.ENOENT, () -> dma(SOURCE, DESTINATION + 1, 0x1000, flags));
            assertRefused(Errno.ENOENT, () -> dma(-8, DESTINATION, 0x10, flags));
        }

        @ParameterizedTest
        @ValueSource(longs = {COPY, BY_MESSAGE})
        void ofRegionsWithoutThePermission(long flags) {
            tester.map(SOURCE, 0x1000);
            tester.map(new DmaRange(SOURCE + 0x1000, 0x1000, false, true, true));
            tester.map(DESTINATION, 0x1000);
            tester.map(new DmaRange(DESTINATION + 0x1000, 0x1000, true, false, true));

            assertRefused(Errno.EACCES, () -> dma(SOURCE + 0x1000, DESTINATION, 8, flags));
            assertRefused(Errno.EACCES, () -> dma(SOURCE, DESTINATION + 0x1000, 8, flags));
            assertRefused(Errno.EACCES, () -> dma(SOURCE + 0xffc, DESTINATION, 8, flags));
        }

        @Test
        void ofMemoryThatTheClientTookBack() {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);
            dma(SOURCE, DESTINATION, 0x1000, COPY);

            tester.unmap(SOURCE);

            assertRefused(Errno.ENOENT, () -> dma(SOURCE, DESTINATION, 0x1000, COPY));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 8, 31})
        void ofCommandsThatAreCutShort(int size) {
            assertRefused(Errno.EINVAL, () -> tester.writeBytes(2, 0x08, new byte[size]));
        }

        @Test
        void ofASecondCommandWhileOneRuns() {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);
            CompletableFuture<?> first = beginDma(SOURCE, DESTINATION, 0x1000, BY_MESSAGE);

            assertRefused(Errno.EBUSY, () -> beginDma(SOURCE, DESTINATION, 0x1000, COPY));

            tester.runTasks();
            assertThat(first).isCompleted();
            dma(SOURCE, DESTINATION, 0x1000, COPY);
        }

        @Test
        void leaveTheEngineUsable() {
            MemorySegment source = fill(tester.map(SOURCE, 0x1000));
            MemorySegment destination = tester.map(DESTINATION, 0x1000);
            assertRefused(Errno.ENOENT, () -> dma(SOURCE, 0, 0x1000, BY_MESSAGE));

            dma(SOURCE, DESTINATION, 0x1000, COPY);

            assertThat(source.mismatch(destination)).isEqualTo(-1);
        }
    }

    @Nested
    class Time {
        @Test
        void isThatOfTheLastCommand() {
            assertThat(tester.read("DMA_NANOS")).isZero();
            tester.map(SOURCE, 16 * MIB);
            tester.map(DESTINATION, 16 * MIB);
            long start = System.nanoTime();

            dma(SOURCE, DESTINATION, 16 * MIB, COPY);

            assertThat(tester.read("DMA_NANOS")).isBetween(1L, System.nanoTime() - start);
        }

        @Test
        void isForgottenByAReset() {
            tester.map(SOURCE, 0x1000);
            tester.map(DESTINATION, 0x1000);
            dma(SOURCE, DESTINATION, 0x1000, COPY);

            tester.reset(ResetReason.DEVICE_RESET);

            assertThat(tester.read("DMA_NANOS")).isZero();
        }

        @Test
        void ignoresWhatIsWrittenToIt() {
            tester.write("DMA_NANOS", 42);

            assertThat(tester.read("DMA_NANOS")).isZero();
        }
    }

    @Test
    void commandReadsAsZero() {
        dma(SOURCE, 8, 512, TRANSLATE);

        assertThat(tester.readBytes(2, 0x08, 32)).containsOnly(0);
    }

    @Test
    void quietMeansThatARunningCopyHasEnded() {
        MemorySegment source = fill(tester.map(SOURCE, 4 * MIB));
        MemorySegment destination = tester.map(DESTINATION, 4 * MIB);
        CompletableFuture<?> reply = beginDma(SOURCE, DESTINATION, 4 * MIB, COPY);
        assertThat(reply).isNotDone();

        tester.unmap(SOURCE);

        assertThat(reply).isCompleted();
        assertThat(source.mismatch(destination)).isEqualTo(-1);
    }

    @Test
    void nextClientFindsTheEngineIdle() {
        tester.map(SOURCE, 4 * MIB);
        tester.map(DESTINATION, 4 * MIB);
        CompletableFuture<?> abandoned = beginDma(SOURCE, DESTINATION, 4 * MIB, BY_MESSAGE);
        assertThat(abandoned).isNotDone();

        tester.detach();
        tester.attach();

        MemorySegment source = fill(tester.map(SOURCE, 0x1000));
        MemorySegment destination = tester.map(DESTINATION, 0x1000);
        dma(SOURCE, DESTINATION, 0x1000, COPY);
        assertThat(source.mismatch(destination)).isEqualTo(-1);
    }

    private void dma(long source, long destination, long length, long flags) {
        tester.writeBytes(2, 0x08, command(source, destination, length, flags));
    }

    private CompletableFuture<?> beginDma(long source, long destination, long length, long flags) {
        return tester.beginWriteBytes(2, 0x08, command(source, destination, length, flags));
    }

    private static byte[] command(long source, long destination, long length, long flags) {
        byte[] command = new byte[32];
        MemorySegment fields = MemorySegment.ofArray(command);
        fields.set(LittleEndian.LONG, 0, source);
        fields.set(LittleEndian.LONG, 8, destination);
        fields.set(LittleEndian.LONG, 16, length);
        fields.set(LittleEndian.LONG, 24, flags);
        return command;
    }

    private static DmaRange byMessage(long iova, long length) {
        return new DmaRange(iova, length, true, true, false);
    }

    private static MemorySegment fill(MemorySegment memory) {
        byte[] bytes = new byte[(int) memory.byteSize()];
        new Random(memory.byteSize()).nextBytes(bytes);
        // A 0 at an end would look like memory that was not written.
        bytes[0] |= 1;
        bytes[bytes.length - 1] |= 1;
        return memory.copyFrom(MemorySegment.ofArray(bytes));
    }

    private static void assertRefused(Errno errno, ThrowingCallable access) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(access)
                .extracting(DeviceException::errno)
                .isEqualTo(errno);
    }
}
