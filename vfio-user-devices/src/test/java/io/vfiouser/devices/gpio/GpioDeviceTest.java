package io.vfiouser.devices.gpio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciId;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.FiredInterrupt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpioDeviceTest {
    private static final FiredInterrupt INTX = new FiredInterrupt(IrqIndex.INTX, 0);
    private static final int CHANGED_LOW = 0b101;
    private static final int CHANGED_HIGH = 0b110;

    private final DeviceTester gpio = DeviceTester.attach(new GpioDevice());

    @BeforeEach
    void arm() {
        gpio.arm(IrqIndex.INTX);
    }

    @AfterEach
    void close() {
        gpio.close();
    }

    @Nested
    class Layout {
        private final DeviceLayout layout = gpio.layout();

        @Test
        void isTheConventionalPciCardThatLinuxKnows() {
            assertThat(layout.type()).isEqualTo(PciType.CONVENTIONAL);
            assertThat(layout.id()).isEqualTo(new PciId(0x494f, 0x0dc8, 0, 0));
            assertThat(layout.capabilities()).isEmpty();
        }

        @Test
        void hasOneIoBar() {
            assertThat(layout.bars()).containsOnlyKeys(2);
            Bar bar = layout.bar(2).orElseThrow();
            assertThat(bar.kind()).isEqualTo(Bar.Kind.IO);
            assertThat(bar.region().size()).isEqualTo(0x100);
            assertThat(bar.region().mappable()).isEmpty();
        }

        @Test
        void hasOneIntx() {
            assertThat(layout.irqCount(IrqIndex.INTX)).isEqualTo(1);
            assertThat(layout.irqCount(IrqIndex.MSI)).isZero();
            assertThat(layout.irqCount(IrqIndex.MSIX)).isZero();
        }
    }

    @Nested
    class Pins {
        @Test
        void areLowAtFirst() {
            assertThat(gpio.readBytes(2, 0x0, 2)).containsExactly(0, 0);
            assertThat(gpio.readBytes(2, 0x4, 3)).containsExactly(0, 0, 0);
        }

        @ParameterizedTest
        @CsvSource({"OUT0_7, IN0_7, OUT8_15, IN8_15", "OUT8_15, IN8_15, OUT0_7, IN0_7"})
        void readBackWhatDrivesThemAndLeaveTheOtherGroupAlone(
                String out, String in, String otherOut, String otherIn) {
            gpio.write(otherOut, 0x3c);

            gpio.write(out, 0xa5);

            assertThat(gpio.read(out)).isEqualTo(0xa5);
            assertThat(gpio.read(in)).isEqualTo(0xa5);
            assertThat(gpio.read(otherOut)).isEqualTo(0x3c);
            assertThat(gpio.read(otherIn)).isEqualTo(0x3c);
        }

        @Test
        void goLowAgain() {
            gpio.write("OUT0_7", 0xff);
            gpio.write("OUT0_7", 0x00);

            assertThat(gpio.read("IN0_7")).isZero();
        }

        @Test
        void inputsIgnoreWhatIsWrittenToThem() {
            gpio.write("OUT8_15", 0x11);

            gpio.write("IN8_15", 0xff);

            assertThat(gpio.read("IN8_15")).isEqualTo(0x11);
        }
    }

    @Nested
    class Interrupts {
        @Test
        void areDisabledAtFirst() {
            gpio.write("OUT0_7", 0x01);

            assertThat(gpio.interrupts()).isEmpty();
            assertThat(gpio.read("IRQ_STATUS")).isZero();
        }

        @ParameterizedTest
        @CsvSource({"OUT0_7, " + CHANGED_LOW, "OUT8_15, " + CHANGED_HIGH})
        void sayWhichGroupChanged(String out, int status) {
            gpio.read("IRQ_CTL");

            gpio.write(out, 0x80);

            assertThat(gpio.interrupts()).containsExactly(INTX);
            assertThat(gpio.read("IRQ_STATUS")).isEqualTo(status);
        }

        @Test
        void comeForEitherEdge() {
            gpio.write("OUT0_7", 0x01);
            gpio.read("IRQ_CTL");

            gpio.write("OUT0_7", 0x00);

            assertThat(gpio.interrupts()).containsExactly(INTX);
        }

        @Test
        void doNotComeForTheSameValueAgain() {
            gpio.write("OUT0_7", 0x55);
            gpio.read("IRQ_CTL");

            gpio.write("OUT0_7", 0x55);

            assertThat(gpio.interrupts()).isEmpty();
            assertThat(gpio.read("IRQ_STATUS")).isZero();
        }

        @Test
        void comeOnceUntilCleared() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);
            gpio.write("OUT0_7", 0x03);
            gpio.write("OUT8_15", 0x01);
            assertThat(gpio.interrupts()).containsExactly(INTX);
            assertThat(gpio.read("IRQ_STATUS")).isEqualTo(CHANGED_LOW | CHANGED_HIGH);

            gpio.write("IN0_7", 0);
            assertThat(gpio.read("IRQ_STATUS")).isZero();
            assertThat(gpio.isRaised(IrqIndex.INTX, 0)).isFalse();

            gpio.write("OUT8_15", 0x03);
            assertThat(gpio.interrupts()).containsExactly(INTX);
            assertThat(gpio.read("IRQ_STATUS")).isEqualTo(CHANGED_HIGH);
        }

        @Test
        void areALevelThatAClientSeesAgainUnlessCleared() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);
            assertThat(gpio.interrupts()).containsExactly(INTX);

            gpio.unmask(IrqIndex.INTX, 0);
            assertThat(gpio.interrupts()).containsExactly(INTX);

            gpio.write("IN0_7", 0);
            gpio.unmask(IrqIndex.INTX, 0);
            assertThat(gpio.interrupts()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(ints = {0x00, 0xff})
        void areClearedByAnyValue(int value) {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);

            gpio.write("IN0_7", value);

            assertThat(gpio.read("IRQ_STATUS")).isZero();
            assertThat(gpio.read("IN0_7")).isEqualTo(0x01);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x00, 0xff})
        void areDisabledByAnyValue(int value) {
            gpio.read("IRQ_CTL");

            gpio.write("IRQ_CTL", value);
            gpio.write("OUT0_7", 0x01);

            assertThat(gpio.interrupts()).isEmpty();
            assertThat(gpio.read("IRQ_STATUS")).isZero();
        }

        /// Linux's handler leaves a status alone that it has masked: a line that stayed high then
        /// would interrupt it for ever.
        @Test
        void thatPendLetGoOfTheLineWhenDisabled() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);
            assertThat(gpio.interrupts()).containsExactly(INTX);

            gpio.write("IRQ_CTL", 0);
            gpio.unmask(IrqIndex.INTX, 0);

            assertThat(gpio.interrupts()).isEmpty();
            assertThat(gpio.read("IRQ_STATUS")).isEqualTo(CHANGED_LOW);
        }

        @Test
        void thatPendComeBackWhenEnabledAgain() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);
            gpio.write("IRQ_CTL", 0);
            assertThat(gpio.interrupts()).containsExactly(INTX);

            gpio.read("IRQ_CTL");

            assertThat(gpio.interrupts()).containsExactly(INTX);
        }

        @Test
        void statusIgnoresWhatIsWrittenToIt() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x01);

            gpio.write("IRQ_STATUS", 0);

            assertThat(gpio.read("IRQ_STATUS")).isEqualTo(CHANGED_LOW);
        }
    }

    @Test
    void readingActivatesTheFiltersAndWritingDeactivatesThem() {
        assertThat(filtersActive()).isFalse();
        gpio.read("FILTER_CTL");
        assertThat(filtersActive()).isTrue();
        gpio.write("FILTER_CTL", 0);
        assertThat(filtersActive()).isFalse();
    }

    @Nested
    class OtherAccesses {
        @ParameterizedTest
        @ValueSource(ints = {0x07, 0x08, 0x80, 0xff})
        void offsetsWithoutRegisterReadAsFloatingBusAndIgnoreWrites(int offset) {
            gpio.write(2, offset, 1, 0x00);

            assertThat(gpio.read(2, offset, 1)).isEqualTo(0xff);
        }

        @Test
        void wideReadsReadEachRegisterThatTheyCover() {
            gpio.write("OUT0_7", 0x12);
            gpio.write("OUT8_15", 0x34);

            assertThat(gpio.read(2, 0x4, 4)).isEqualTo(0xff_00_34_34L);
            assertThat(gpio.read(2, 0x0, 4)).isEqualTo(0xff_ff_12_12L);

            assertThat(filtersActive()).isTrue();
            gpio.write("OUT0_7", 0x13);
            assertThat(gpio.interrupts()).containsExactly(INTX);
        }

        @Test
        void wideWritesWriteEachRegisterThatTheyCover() {
            gpio.read("IRQ_CTL");
            gpio.read("FILTER_CTL");

            gpio.write(2, 0x0, 8, 0x77_66_55_22_44_33_99_11L);

            assertThat(gpio.read("IN0_7")).isEqualTo(0x11);
            assertThat(gpio.read("IN8_15")).isEqualTo(0x22);
            assertThat(gpio.read("IRQ_STATUS")).isZero();
            assertThat(gpio.isRaised(IrqIndex.INTX, 0)).isFalse();
            assertThat(filtersActive()).isFalse();
        }

        @Test
        void beyondTheBarAreRefused() {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> gpio.read(2, 0xff, 2))
                    .extracting(DeviceException::errno)
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ResetReason.class,
            names = {"DEVICE_RESET", "FUNCTION_LEVEL_RESET"})
    void resetBringsPowerOnStateBack(ResetReason reason) {
        gpio.read("IRQ_CTL");
        gpio.read("FILTER_CTL");
        gpio.write("OUT0_7", 0xff);
        gpio.write("OUT8_15", 0xff);
        assertThat(gpio.interrupts()).containsExactly(INTX);

        gpio.reset(reason);

        assertThat(gpio.interrupts()).isEmpty();
        assertThat(gpio.isRaised(IrqIndex.INTX, 0)).isFalse();
        assertThat(gpio.readBytes(2, 0x0, 2)).containsExactly(0, 0);
        assertThat(gpio.readBytes(2, 0x4, 3)).containsExactly(0, 0, 0);
        assertThat(filtersActive()).isFalse();
        gpio.write("OUT0_7", 0x01);
        assertThat(gpio.interrupts()).isEmpty();
    }

    @Test
    void nextClientGetsTheDeviceAsNewAndItsInterrupts() {
        gpio.read("IRQ_CTL");
        gpio.write("OUT0_7", 0x01);

        gpio.detach();
        gpio.attach();
        gpio.arm(IrqIndex.INTX);

        assertThat(gpio.read("IN0_7")).isZero();
        gpio.read("IRQ_CTL");
        gpio.write("OUT0_7", 0x02);
        assertThat(gpio.interrupts()).containsExactly(INTX);
    }

    /// What Linux 6.12's gpio-pci-idio-16 does: its probe, an interrupt and its handler's thread.
    @Test
    void worksTheWayLinuxDrivesIt() {
        gpio.write("IRQ_CTL", 0);
        gpio.write("FILTER_CTL", 0);
        gpio.write("IN0_7", 0);
        gpio.read("IRQ_CTL");

        gpio.write("OUT0_7", gpio.read("OUT0_7") | 0x10);

        assertThat(gpio.interrupts()).containsExactly(INTX);
        assertThat(gpio.read("IRQ_STATUS") & 0b100).isEqualTo(0b100);
        gpio.unmask(IrqIndex.INTX, 0);
        gpio.write("IN0_7", 0b100);
        assertThat(gpio.read("IRQ_STATUS")).isZero();
        gpio.unmask(IrqIndex.INTX, 0);
        assertThat(gpio.interrupts()).as("only what came before the clear").hasSize(1);
    }

    @Nested
    class State {
        @Test
        void isFiveBytes() {
            gpio.read("IRQ_CTL");
            gpio.write("OUT0_7", 0x81);
            gpio.write("OUT8_15", 0xff);
            assertThat(gpio.saveState()).containsExactly(0x81, 0xff, 0b111, 1, 0);

            gpio.write("IN0_7", 0);
            gpio.write("IRQ_CTL", 0);
            gpio.read("FILTER_CTL");
            assertThat(gpio.saveState()).containsExactly(0x81, 0xff, 0, 0, 1);
        }

        @Test
        void goesOnInAnotherDeviceWithItsInterruptPending() {
            gpio.read("IRQ_CTL");
            gpio.read("FILTER_CTL");
            gpio.write("OUT8_15", 0x40);
            byte[] state = gpio.saveState();

            try (var other = DeviceTester.attach(new GpioDevice())) {
                other.arm(IrqIndex.INTX);
                other.loadState(state);

                assertThat(other.interrupts()).containsExactly(INTX);
                assertThat(other.read("IN8_15")).isEqualTo(0x40);
                assertThat(other.read("IRQ_STATUS")).isEqualTo(CHANGED_HIGH);
                other.write("IN0_7", 0);
                assertThat(other.isRaised(IrqIndex.INTX, 0)).isFalse();
                assertThat(other.saveState()).containsExactly(0, 0x40, 0, 1, 1);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 4, 6})
        void ofAnotherSizeIsRefused(int size) {
            gpio.write("OUT0_7", 0x11);

            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> gpio.loadState(new byte[size]))
                    .extracting(DeviceException::errno)
                    .isEqualTo(Errno.EINVAL);
        }

        @Test
        void ofAHostileOriginSetsNoOtherBits() {
            gpio.loadState((byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff);

            assertThat(gpio.saveState()).containsExactly(0xff, 0xff, 0b111, 1, 1);
        }
    }

    private boolean filtersActive() {
        return gpio.saveState()[4] != 0;
    }
}
