package io.vfiouser.devices.edu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.FiredInterrupt;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class EduDeviceTest {
    private static final FiredInterrupt INTX = new FiredInterrupt(IrqIndex.INTX, 0);
    private static final FiredInterrupt MSI = new FiredInterrupt(IrqIndex.MSI, 0);
    private static final long FACTORIAL_DONE = 0x001;
    private static final long DMA_DONE = 0x100;
    private static final long BUFFER = 0x4_0000;
    private static final long RUN = 1;
    private static final long TO_CLIENT = 2;
    private static final long INTERRUPT = 4;
    private static final long IOVA = 0x10_0000;
    private static final Duration DELAY = Duration.ofMillis(100);

    private final DeviceTester edu = newEdu();

    @AfterEach
    void close() {
        edu.close();
    }

    @Test
    void looksLikeQemus() {
        var layout = edu.layout();
        assertThat(layout.revision()).isEqualTo(0x10);
        assertThat(layout.pciClass().base()).isZero();
        assertThat(layout.pciClass().sub()).isEqualTo(0xff);
        assertThat(layout.bar(0).orElseThrow().region().size()).isEqualTo(1 << 20);
        assertThat(layout.irqCount(IrqIndex.MSI)).isEqualTo(1);
        assertThat(layout.irqCount(IrqIndex.INTX)).isEqualTo(1);
        assertThat(edu.read("ID")).isEqualTo(0x0100_00edL);
    }

    @Test
    void livenessInvertsWhatIsWritten() {
        assertThat(edu.read("LIVENESS")).isZero();
        edu.write("LIVENESS", 0x1234_5678L);
        assertThat(edu.read("LIVENESS")).isEqualTo(0xedcb_a987L);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x0c, 0x10, 0x28, 0x5c, 0x68, 0xa0, 0x4_0000, 0xf_fffc})
    void whatIsNoRegisterReadsAsOnesAndIgnoresWrites(long offset) {
        edu.write(0, offset, 4, 0);
        assertThat(edu.read(0, offset, 4)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void writeOnlyRegistersReadAsOnes() {
        assertThat(edu.read("IRQ_RAISE")).isEqualTo(0xffff_ffffL);
        assertThat(edu.read("IRQ_ACK")).isEqualTo(0xffff_ffffL);
    }

    @Nested
    class Factorial {
        @ParameterizedTest
        @CsvSource({
            "0, 1",
            "1, 1",
            "5, 120",
            "12, 479001600",
            "13, 1932053504",
            "33, 2147483648",
            "34, 0",
            "4294967295, 0"
        })
        void isThereInALaterTurn(long number, long result) {
            edu.write("FACTORIAL", number);
            assertThat(edu.read("STATUS")).isEqualTo(1);
            assertThat(edu.read("FACTORIAL")).isEqualTo(number);

            edu.runTasks();

            assertThat(edu.read("STATUS")).isZero();
            assertThat(edu.read("FACTORIAL")).isEqualTo(result);
            assertThat(edu.interrupts()).isEmpty();
        }

        @Test
        void takesNoNumberWhileItComputes() {
            edu.write("FACTORIAL", 5);
            edu.write("FACTORIAL", 6);
            edu.runTasks();
            assertThat(edu.read("FACTORIAL")).isEqualTo(120);
        }

        @Test
        void interruptsWhenItIsAskedTo() {
            edu.write("STATUS", 0xffff_ffffL);
            assertThat(edu.read("STATUS")).as("computing is read-only").isEqualTo(0x80);
            edu.write("FACTORIAL", 4);
            assertThat(edu.read("STATUS")).isEqualTo(0x81);

            edu.runTasks();

            assertThat(edu.interrupts()).containsExactly(INTX);
            assertThat(edu.read("IRQ_STATUS")).isEqualTo(FACTORIAL_DONE);
            assertThat(edu.read("STATUS")).isEqualTo(0x80);
        }
    }

    @Nested
    class Interrupts {
        @Test
        void areALevelUntilAllBitsAreAcknowledged() {
            edu.write("IRQ_RAISE", 0x6);
            assertThat(edu.interrupts()).containsExactly(INTX);
            assertThat(edu.read("IRQ_STATUS")).isEqualTo(0x6);

            edu.write("IRQ_ACK", 0x2);
            assertThat(edu.isRaised(IrqIndex.INTX, 0)).isTrue();
            edu.unmask(IrqIndex.INTX, 0);
            assertThat(edu.interrupts()).as("again, as it is still high").containsExactly(INTX);

            edu.write("IRQ_ACK", 0xffff_ffffL);
            edu.unmask(IrqIndex.INTX, 0);
            assertThat(edu.isRaised(IrqIndex.INTX, 0)).isFalse();
            assertThat(edu.read("IRQ_STATUS")).isZero();
            assertThat(edu.interrupts()).isEmpty();
        }

        @Test
        void areMessagesOnceTheDriverHasEnabledMsi() {
            edu.arm(IrqIndex.MSI);

            edu.write("IRQ_RAISE", 0x1);
            edu.write("IRQ_RAISE", 0x8000_0000L);
            assertThat(edu.interrupts()).containsExactly(MSI, MSI);
            assertThat(edu.read("IRQ_STATUS")).isEqualTo(0x8000_0001L);

            edu.write("IRQ_ACK", 0x8000_0001L);
            assertThat(edu.interrupts()).isEmpty();
            assertThat(edu.isRaised(IrqIndex.INTX, 0)).isFalse();
        }

        @Test
        void doNotComeForNothing() {
            edu.write("IRQ_RAISE", 0);
            assertThat(edu.interrupts()).isEmpty();
        }
    }

    @Nested
    class Dma {
        @Test
        void copiesFromMemoryAndBack() {
            MemorySegment memory = edu.map(IOVA, 0x1000);
            byte[] text = "one hundred bytes of a driver's".getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, 0, text.length);

            transfer(IOVA, BUFFER + 8, text.length, RUN);
            transfer(BUFFER + 8, IOVA + 0x100, text.length, RUN | TO_CLIENT);

            assertThat(memory.asSlice(0x100, text.length).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(text);
            assertThat(edu.interrupts()).isEmpty();
        }

        @Test
        void takesItsTimeAndKeepsItsRegistersMeanwhile() {
            MemorySegment memory = edu.map(IOVA, 0x1000);
            program(BUFFER, IOVA, 16, RUN | TO_CLIENT | INTERRUPT);
            memory.fill((byte) 1);

            assertThat(edu.read("DMA_CMD")).isEqualTo(RUN | TO_CLIENT | INTERRUPT);
            program(1, 2, 3, RUN);
            assertThat(edu.read("DMA_SRC")).isEqualTo(BUFFER);
            assertThat(edu.read("DMA_DST")).isEqualTo(IOVA);
            assertThat(edu.read("DMA_COUNT")).isEqualTo(16);
            edu.advance(DELAY.minusNanos(1));
            assertThat(edu.interrupts()).isEmpty();

            edu.advance(Duration.ofNanos(1));

            assertThat(edu.interrupts()).containsExactly(INTX);
            assertThat(edu.read("IRQ_STATUS")).isEqualTo(DMA_DONE);
            assertThat(edu.read("DMA_CMD")).isEqualTo(TO_CLIENT | INTERRUPT);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 15)).isZero();
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 16)).isEqualTo((byte) 1);
        }

        @Test
        void reachesMemoryThatIsNotMappedByMessages() {
            edu.map(new DmaRange(IOVA, 0x1000, true, true, false));

            transfer(IOVA, BUFFER, 0x1000, RUN | INTERRUPT);

            assertThat(edu.dmaMessages()).hasSize(1);
            assertThat(edu.read("IRQ_STATUS")).isEqualTo(DMA_DONE);
        }

        @Test
        void registersMayBeWrittenInHalves() {
            edu.write(0, 0x80, 4, 0x89ab_cdefL);
            edu.write(0, 0x84, 4, 0x0123_4567L);
            assertThat(edu.read("DMA_SRC")).isEqualTo(0x0123_4567_89ab_cdefL);
            assertThat(edu.read(0, 0x84, 4)).isEqualTo(0x0123_4567L);
        }

        @ParameterizedTest
        @CsvSource({
            "0x40000, 0x1001",
            "0x40001, 0x1000",
            "0x3ffff, 1",
            "0x41000, 1",
            "0, 4",
            "0x40000, 0x7fffffffffffffff",
            "0x40000, -1",
            "-1, 2"
        })
        void doesNotLeaveTheBuffer(String address, String count) {
            MemorySegment memory = edu.map(IOVA, 0x4000);
            memory.fill((byte) 7);

            transfer(Long.decode(address), IOVA, Long.decode(count), RUN | TO_CLIENT | INTERRUPT);
            transfer(IOVA, Long.decode(address), Long.decode(count), RUN | INTERRUPT);

            assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
            assertThat(edu.read("IRQ_STATUS"))
                    .as("the driver hears of its end")
                    .isEqualTo(DMA_DONE);
            assertThat(edu.saveState()).hasSize(48 + 4096).endsWith(new byte[4096]);
        }

        @Test
        void endsWhereMemoryRefusesIt() {
            transfer(BUFFER, IOVA, 16, RUN | TO_CLIENT | INTERRUPT);

            assertThat(edu.read("DMA_CMD") & RUN).isZero();
            assertThat(edu.interrupts()).containsExactly(INTX);
        }

        @Test
        void dropsAddressBitsThatItHasNot() {
            MemorySegment memory = edu.map(0x1000, 0x1000);
            memory.fill((byte) 7);

            transfer(BUFFER, (1L << 28) | 0x1000, 16, RUN | TO_CLIENT);

            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        }

        @Test
        void waitsForMemoryToBeGivenBack() {
            MemorySegment memory = edu.map(IOVA, 0x1000);
            memory.fill((byte) 7);
            program(BUFFER, IOVA, 16, RUN | TO_CLIENT | INTERRUPT);

            edu.unmap(IOVA);
            edu.advance(DELAY);

            assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
            assertThat(edu.read("DMA_CMD") & RUN).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ResetReason.class,
            names = {"DEVICE_RESET", "FUNCTION_LEVEL_RESET"})
    void resetBringsPowerOnStateBack(ResetReason reason) {
        edu.write("LIVENESS", 1);
        edu.write("STATUS", 0x80);
        edu.write("FACTORIAL", 5);
        edu.write("IRQ_RAISE", 0x10);
        program(IOVA, BUFFER, 16, RUN | INTERRUPT);
        assertThat(edu.interrupts()).hasSize(1);

        edu.reset(reason);
        edu.advance(DELAY);

        assertThat(edu.saveState()).containsOnly(0);
        assertThat(edu.isRaised(IrqIndex.INTX, 0)).isFalse();
        assertThat(edu.interrupts()).isEmpty();
    }

    @Nested
    class State {
        @Test
        void goesOnInAnotherDeviceWithWhatWasOnItsWay() {
            edu.write("LIVENESS", 0xff);
            edu.write("STATUS", 0x80);
            edu.write("IRQ_RAISE", 0x10);
            MemorySegment memory = edu.map(IOVA, 0x1000);
            memory.fill((byte) 9);
            transfer(IOVA, BUFFER, 64, RUN);
            program(BUFFER, IOVA, 64, RUN | TO_CLIENT | INTERRUPT);
            edu.write("FACTORIAL", 6);
            byte[] state = edu.saveState();

            try (var other = newEdu()) {
                MemorySegment there = other.map(IOVA, 0x1000);
                other.loadState(state);
                other.runTasks();

                assertThat(other.interrupts()).isNotEmpty();
                assertThat(other.read("LIVENESS")).isEqualTo(0xffff_ff00L);
                assertThat(other.read("FACTORIAL")).isEqualTo(720);
                assertThat(other.read("STATUS")).isEqualTo(0x80);
                assertThat(other.read("IRQ_STATUS")).isEqualTo(0x10 | FACTORIAL_DONE | DMA_DONE);
                assertThat(there.asSlice(0, 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(9);
                assertThat(other.read("DMA_CMD")).isEqualTo(TO_CLIENT | INTERRUPT);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 47, 4143, 4145})
        void ofAnotherSizeIsRefused(int size) {
            byte[] state = new byte[size];
            Arrays.fill(state, (byte) 0x11);

            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> edu.loadState(state))
                    .extracting(DeviceException::errno)
                    .isEqualTo(Errno.EINVAL);
        }

        @Test
        void ofAHostileOriginStaysWithinTheDevice() {
            byte[] state = new byte[48 + 4096];
            Arrays.fill(state, (byte) 0xff);

            edu.loadState(state);
            edu.runTasks();

            assertThat(edu.read("STATUS")).isEqualTo(0x80);
            assertThat(edu.read("FACTORIAL")).isZero();
            assertThat(edu.read("DMA_CMD") & RUN).isZero();
        }
    }

    @Nested
    class Settings {
        @Test
        void giveTheControllerMoreAddressBitsAndNoDelay() {
            try (var wide =
                    DeviceTester.attach(new EduDevice(new EduSettings(64, Duration.ZERO)))) {
                long high = 1L << 40;
                MemorySegment memory = wide.map(high, 0x1000);
                memory.fill((byte) 7);
                wide.write("DMA_SRC", BUFFER);
                wide.write("DMA_DST", high);
                wide.write("DMA_COUNT", 4096);
                wide.write("DMA_CMD", RUN | TO_CLIENT);
                wide.advance(Duration.ZERO);
                assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            }
        }

        @Test
        void areChecked() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new EduSettings(0, DELAY))
                    .withMessage("dma-bits: 0 (expected: 1 to 64)");
            assertThatIllegalArgumentException().isThrownBy(() -> new EduSettings(65, DELAY));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new EduSettings(28, Duration.ofSeconds(61)));
            assertThat(new EduSettings(1, DELAY).dmaMask()).isEqualTo(1);
            assertThat(new EduSettings(64, DELAY).dmaMask()).isEqualTo(-1);
        }
    }

    private static DeviceTester newEdu() {
        var tester = DeviceTester.attach(new EduDevice(EduSettings.DEFAULTS));
        tester.arm(IrqIndex.INTX);
        return tester;
    }

    private void program(long source, long destination, long count, long command) {
        edu.write("DMA_SRC", source);
        edu.write("DMA_DST", destination);
        edu.write("DMA_COUNT", count);
        edu.write("DMA_CMD", command);
    }

    private void transfer(long source, long destination, long count, long command) {
        program(source, destination, count, command);
        edu.advance(DELAY);
    }
}
