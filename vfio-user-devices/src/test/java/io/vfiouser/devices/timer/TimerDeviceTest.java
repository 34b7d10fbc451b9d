package io.vfiouser.devices.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.DmaMessage;
import io.vfiouser.testkit.DmaMessage.Direction;
import io.vfiouser.testkit.FiredInterrupt;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class TimerDeviceTest {
    private static final FiredInterrupt INTX = new FiredInterrupt(IrqIndex.INTX, 0);
    private static final long NOW = 1_700_000_000L;
    private static final long FIRST = 0x10_0000;
    private static final long SECOND = 0x20_0000;
    private static final int PAGE = 0x1000;
    private static final int STATE_SIZE = 0x3000 + 8;

    private final AtomicLong clock = new AtomicLong(NOW);
    private DeviceTester timer;

    @BeforeEach
    void attach() {
        timer = newTimer();
    }

    @AfterEach
    void close() {
        timer.close();
    }

    @Test
    void readsHowLongAgoTheTimeWasThatWasWrittenLast() {
        assertThat(timer.read("TIME")).isEqualTo(NOW);

        timer.write("TIME", NOW + 5);
        assertThat(timer.read("TIME")).isEqualTo(-5);

        clock.addAndGet(7);
        assertThat(timer.read("TIME")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 4", "4, 4", "0, 1", "7, 1", "2, 6"})
    void refusesAccessesToAPartOfTheTime(long offset, int width) {
        refused(Errno.EINVAL, () -> timer.read(0, offset, width));
        refused(Errno.EINVAL, () -> timer.write(0, offset, width, 0));
        assertThat(timer.read("TIME")).as("unchanged").isEqualTo(NOW);
    }

    @Test
    void trappedAccessesReachAllOfTheMemory() {
        byte[] bytes = new byte[0x4000];
        new Random(1).nextBytes(bytes);

        timer.writeBytes(1, 0, bytes);

        assertThat(timer.readBytes(1, 0, bytes.length)).isEqualTo(bytes);
        assertThat(timer.readBytes(1, 0x1ffe, 4))
                .containsExactly(Arrays.copyOfRange(bytes, 0x1ffe, 0x2002));
    }

    @Test
    void layoutIsTheSamples() {
        var layout = timer.layout();
        assertThat(layout.type().configSpaceSize()).isEqualTo(256);
        assertThat(layout.id().subsystemVendor()).isEqualTo(0xcafe);
        assertThat(layout.id().subsystem()).isEqualTo(0xbabe);
        assertThat(layout.irqCount(IrqIndex.INTX)).isEqualTo(1);
        assertThat(layout.bar(1).orElseThrow().region().mappable().orElseThrow().areas())
                .extracting(area -> area.offset() + "+" + area.size())
                .containsExactly("0+4096", "8192+4096");
    }

    @Nested
    class Fires {
        @Test
        void whenTheTimeHasComeAndOnlyOnce() {
            timer.write("TIME", NOW + 2);

            advance(1);
            assertThat(timer.interrupts()).isEmpty();
            advance(1);
            assertThat(timer.interrupts()).containsExactly(INTX);
            advance(1000);
            assertThat(timer.interrupts()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(longs = {NOW, NOW - 1, 0, -1, Long.MIN_VALUE})
        void atOnceForATimeThatHasPassed(long time) {
            timer.write("TIME", time);

            timer.advance(Duration.ZERO);
            assertThat(timer.interrupts()).containsExactly(INTX);
        }

        @Test
        void forTheTimeWrittenLast() {
            timer.write("TIME", NOW + 1);
            timer.write("TIME", NOW + 3);

            advance(2);
            assertThat(timer.interrupts()).isEmpty();
            advance(1);
            assertThat(timer.interrupts()).containsExactly(INTX);
        }

        @Test
        void inTheFarFutureToo() {
            long years = Duration.ofDays(5 * 365 + 1).toSeconds();
            timer.write("TIME", NOW + years);

            for (int year = 0; year < 5; year++) {
                advance(Duration.ofDays(365).toSeconds());
                assertThat(timer.interrupts()).isEmpty();
            }
            advance(Duration.ofDays(1).toSeconds());
            assertThat(timer.interrupts()).containsExactly(INTX);
        }

        @Test
        void neverForTheEndOfTime() {
            clock.set(-NOW);
            timer.write("TIME", Long.MAX_VALUE);

            advance(Duration.ofDays(3650).toSeconds());
            assertThat(timer.interrupts()).isEmpty();
        }

        @Test
        void withTheInterruptAloneWhereThereAreFewerThanTwoRegions() {
            MemorySegment only = timer.map(FIRST, PAGE);

            fire();

            assertThat(timer.interrupts()).containsExactly(INTX);
            assertThat(timer.dmaMessages()).isEmpty();
            assertThat(only.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }

        @Test
        void andExercisesTheSecondRegionDirectlyAndTheFirstByMessages() {
            MemorySegment first = timer.map(FIRST, PAGE);
            MemorySegment second = timer.map(SECOND, PAGE);
            timer.map(SECOND + PAGE, PAGE);

            fire();

            assertThat(timer.interrupts()).containsExactly(INTX);
            assertThat(timer.dmaMessages())
                    .containsExactly(
                            new DmaMessage(Direction.WRITE, FIRST, 1024),
                            new DmaMessage(Direction.WRITE, FIRST + 1024, 1024),
                            new DmaMessage(Direction.WRITE, FIRST + 2048, 1024),
                            new DmaMessage(Direction.WRITE, FIRST + 3072, 1024),
                            new DmaMessage(Direction.READ, FIRST, 2048),
                            new DmaMessage(Direction.READ, FIRST + 2048, 2048));
            assertThat(bytes(first)).isEqualTo(pattern());
            assertThat(bytes(second)).isEqualTo(pattern());
        }

        @Test
        void inTheOrderOfMappingAndNotOfAddresses() {
            timer.map(SECOND, PAGE);
            timer.map(FIRST, PAGE);

            fire();

            assertThat(timer.dmaMessages())
                    .extracting(DmaMessage::iova)
                    .allMatch(iova -> iova >= SECOND);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void andStaysUsableWhereMemoryCannotBeReached(boolean readOnly) {
            timer.map(FIRST, PAGE);
            timer.map(new DmaRange(SECOND, PAGE, true, !readOnly, readOnly));

            fire();
            assertThat(timer.interrupts()).containsExactly(INTX);
            assertThat(timer.dmaMessages()).as("the first region all the same").hasSize(6);

            timer.unmap(SECOND);
            MemorySegment second = timer.map(SECOND, PAGE);
            fire();
            assertThat(timer.interrupts()).containsExactly(INTX);
            assertThat(bytes(second)).isEqualTo(pattern());
        }

        @Test
        void butDoesNotWriteBeyondASmallRegion() {
            timer.map(FIRST, PAGE);
            timer.map(SECOND, PAGE / 2);
            MemorySegment behind = timer.map(SECOND + PAGE / 2, PAGE);

            fire();

            assertThat(behind.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ResetReason.class,
            names = {"DEVICE_RESET", "FUNCTION_LEVEL_RESET"})
    void resetForgetsTimeAndMemory(ResetReason reason) {
        timer.writeBytes(1, 0, (byte) 1, (byte) 2);
        timer.write("TIME", NOW + 1);

        timer.reset(reason);

        assertThat(timer.read("TIME")).isEqualTo(NOW);
        assertThat(timer.readBytes(1, 0, 2)).containsOnly(0);
        advance(10);
        assertThat(timer.interrupts()).isEmpty();
    }

    @Test
    void nextClientGetsTheDeviceAsNew() {
        timer.write("TIME", NOW + 1);

        timer.detach();
        timer.attach();
        timer.arm(IrqIndex.INTX);

        assertThat(timer.read("TIME")).isEqualTo(NOW);
        advance(10);
        assertThat(timer.interrupts()).isEmpty();
        fire();
        assertThat(timer.interrupts()).containsExactly(INTX);
    }

    @Nested
    class State {
        @Test
        void isThreePagesAndTheTime() {
            byte[] memory = new byte[0x4000];
            Arrays.fill(memory, (byte) 0x5a);
            timer.writeBytes(1, 0, memory);
            timer.write("TIME", 0x0102_0304_0506_0708L);

            byte[] state = timer.saveState();

            assertThat(state).hasSize(STATE_SIZE);
            assertThat(Arrays.copyOf(state, 0x3000)).containsOnly(0x5a);
            assertThat(Arrays.copyOfRange(state, 0x3000, STATE_SIZE))
                    .containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        }

        @Test
        void goesOnInAnotherDeviceAtTheSameTime() {
            timer.writeBytes(1, 0x1234, (byte) 1, (byte) 2, (byte) 3);
            timer.write("TIME", NOW + 3);
            byte[] state = timer.saveState();

            try (var other = newTimer()) {
                other.loadState(state);

                assertThat(other.readBytes(1, 0x1234, 3)).containsExactly(1, 2, 3);
                assertThat(other.read("TIME")).isEqualTo(-3);
                other.advance(Duration.ofSeconds(2));
                assertThat(other.interrupts()).isEmpty();
                other.advance(Duration.ofSeconds(1));
                assertThat(other.interrupts()).containsExactly(INTX);
            }
        }

        @Test
        void firesAtOnceWhereItsTimeHasPassedOnTheWay() {
            timer.write("TIME", NOW + 3);
            byte[] state = timer.saveState();
            clock.addAndGet(60);

            try (var other = newTimer()) {
                other.loadState(state);
                other.advance(Duration.ZERO);
                assertThat(other.interrupts()).containsExactly(INTX);
            }
        }

        @Test
        void isSavedWithoutTheTimerFiringMeanwhileOrBeingLost() {
            timer.write("TIME", NOW);
            timer.saveState();
            assertThat(timer.interrupts()).as("no turn of the loop since").isEmpty();

            timer.advance(Duration.ZERO);
            assertThat(timer.interrupts()).containsExactly(INTX);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 0x3000, STATE_SIZE - 1, STATE_SIZE + 1, 0x3000 + STATE_SIZE})
        void ofAnotherSizeIsRefused(int size) {
            byte[] state = new byte[size];
            Arrays.fill(state, (byte) 1);

            refused(Errno.EINVAL, () -> timer.loadState(state));

            assertThat(timer.readBytes(1, 0, 0x4000)).containsOnly(0);
            assertThat(timer.read("TIME")).isEqualTo(NOW);
        }
    }

    private DeviceTester newTimer() {
        var tester = DeviceTester.attach(new TimerDevice(clock::get));
        tester.arm(IrqIndex.INTX);
        return tester;
    }

    private void advance(long seconds) {
        clock.addAndGet(seconds);
        timer.advance(Duration.ofSeconds(seconds));
    }

    private void fire() {
        timer.write("TIME", clock.get());
        advance(0);
    }

    private static byte[] bytes(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] pattern() {
        byte[] pattern = new byte[PAGE];
        for (int i = 0; i < PAGE; i++) {
            pattern[i] = (byte) "ABCD".charAt(i / 1024);
        }
        return pattern;
    }

    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(call)
                .extracting(DeviceException::errno)
                .isEqualTo(errno);
    }
}
