package io.vfiouser.devices.testdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciClass;
import io.vfiouser.device.pci.PciId;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.pci.PlacedCapability;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import io.vfiouser.testkit.FiredInterrupt;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.List;
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
class TestDeviceTest {
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
    class Layout {
        private DeviceLayout layout;

        @BeforeEach
        void take() {
            layout = tester.layout();
        }

        @Test
        void isThePciExpressFunctionThatTheDocumentFixes() {
            assertThat(layout.type()).isEqualTo(PciType.EXPRESS);
            assertThat(layout.id()).isEqualTo(new PciId(0x1af4, 0x10f0, 0x1af4, 0x10f0));
            assertThat(layout.pciClass()).isEqualTo(new PciClass(0xff, 0, 0));
        }

        @ParameterizedTest
        @CsvSource({"0, 0x1000", "1, 0x100000", "2, 0x1000"})
        void hasThree32BitMemoryBars(int index, long size) {
            assertThat(layout.bars()).containsOnlyKeys(0, 1, 2);
            Bar bar = layout.bar(index).orElseThrow();
            assertThat(bar.kind()).isEqualTo(Bar.Kind.MEMORY_32);
            assertThat(bar.region().size()).isEqualTo(size);
        }

        @Test
        void onlyBar1IsMappableAndAsAWhole() {
            assertThat(layout.bar(0).orElseThrow().region().mappable()).isEmpty();
            assertThat(layout.bar(2).orElseThrow().region().mappable()).isEmpty();
            assertThat(layout.bar(1).orElseThrow().region().mappable())
                    .map(MappableMemory::areas)
                    .get()
                    .isEqualTo(List.of(new MappableArea(0, 0x10_0000)));
        }

        @Test
        void hasEightMsixVectorsAndAnIntx() {
            assertThat(layout.irqCount(IrqIndex.MSIX)).isEqualTo(8);
            assertThat(layout.irqCount(IrqIndex.MSI)).isZero();
            assertThat(layout.irqCount(IrqIndex.INTX)).isEqualTo(1);
        }

        @Test
        void hasItsCapabilitiesInOrder() {
            assertThat(layout.capabilities())
                    .extracting(PlacedCapability::capability)
                    .containsExactly(
                            new PciCapability.PowerManagement(true),
                            new PciCapability.Express(true),
                            new PciCapability.MsiX(8, 2, 0x800, 2, 0xc00));
        }
    }

    @Nested
    class Scratch {
        @ParameterizedTest
        @CsvSource({
            "0, 0x0, 0x1000",
            "0, 0x1, 3",
            "0, 0xfff, 1",
            "0, 0x7, 64",
            "1, 0x0, 0x100000",
            "1, 0xfffff, 1",
            "1, 0x12345, 4097",
            "2, 0x28, 8",
            "2, 0x38, 8",
            "2, 0x7ff, 1",
            "2, 0x40, 0x7c0"
        })
        void keepsWhatIsWrittenAtAnyOffsetAndSize(int bar, long offset, int size) {
            assertThat(tester.readBytes(bar, offset, size)).containsOnly(0);
            byte[] bytes = pattern(size);

            tester.writeBytes(bar, offset, bytes);

            assertThat(tester.readBytes(bar, offset, size)).isEqualTo(bytes);
        }

        @Test
        void barsDoNotShareMemory() {
            tester.write(0, 0x100, 4, 0x11);
            tester.write(1, 0x100, 4, 0x22);
            tester.write(2, 0x100, 4, 0x33);

            assertThat(tester.read(0, 0x100, 4)).isEqualTo(0x11);
            assertThat(tester.read(1, 0x100, 4)).isEqualTo(0x22);
            assertThat(tester.read(2, 0x100, 4)).isEqualTo(0x33);
        }

        @Test
        void mappedAndTrappedAccessesToBar1MeetInTheSameBytes() {
            MemorySegment mapped = mappedBar1();

            tester.write(1, 0xff000, 8, 0x0123_4567_89ab_cdefL);
            assertThat(mapped.get(LittleEndian.LONG, 0xff000)).isEqualTo(0x0123_4567_89ab_cdefL);

            mapped.set(LittleEndian.INT, 0x40, 0x5aa5_1234);
            assertThat(tester.read(1, 0x40, 4)).isEqualTo(0x5aa5_1234L);
        }

        private MemorySegment mappedBar1() {
            return tester.layout()
                    .bar(1)
                    .orElseThrow()
                    .region()
                    .mappable()
                    .orElseThrow()
                    .memory()
                    .segment();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ResetReason.class,
            names = {"DEVICE_RESET", "FUNCTION_LEVEL_RESET"})
    void resetMakesAllMemoryZero(ResetReason reason) {
        for (int bar = 0; bar < 3; bar++) {
            tester.write(bar, 0x100, 8, -1);
        }

        tester.reset(reason);

        for (int bar = 0; bar < 3; bar++) {
            assertThat(tester.read(bar, 0x100, 8)).isZero();
        }
    }

    @Test
    void nextClientSeesNothingOfTheFirst() {
        tester.write(1, 0x5000, 8, -1);

        tester.detach();
        tester.attach();

        assertThat(tester.read(1, 0x5000, 8)).isZero();
    }

    @Nested
    class Bell {
        @ParameterizedTest
        @ValueSource(ints = {0, 3, 7})
        void triggersTheVectorOfMsix(int vector) {
            tester.arm(IrqIndex.MSIX);
            tester.arm(IrqIndex.INTX);

            tester.write("BELL", vector);

            assertThat(tester.interrupts())
                    .containsExactly(new FiredInterrupt(IrqIndex.MSIX, vector));
        }

        @Test
        void triggersEachTime() {
            tester.arm(IrqIndex.MSIX, 5);

            tester.write("BELL", 5);
            tester.write("BELL", 5);

            assertThat(tester.interrupts()).hasSize(2);
        }

        @Test
        void triggersIntxWithoutMsix() {
            tester.arm(IrqIndex.INTX);

            tester.write("BELL", 0);

            assertThat(tester.interrupts()).containsExactly(new FiredInterrupt(IrqIndex.INTX, 0));
        }

        @Test
        void findsNoVectorAbove0OfIntx() {
            tester.arm(IrqIndex.INTX);

            assertRefused(Errno.ENOENT, () -> tester.write("BELL", 1));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 7})
        void findsNothingWhenNothingIsArmed(int vector) {
            assertRefused(Errno.ENOENT, () -> tester.write("BELL", vector));
            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void findsNoVectorThatIsNotArmedAmongOthersThatAre() {
            tester.arm(IrqIndex.MSIX, 1);

            assertRefused(Errno.ENOENT, () -> tester.write("BELL", 2));
        }

        @Test
        void findsNothingOnceDisarmed() {
            tester.arm(IrqIndex.MSIX);
            tester.disarm(IrqIndex.MSIX);

            assertRefused(Errno.ENOENT, () -> tester.write("BELL", 0));
        }

        @ParameterizedTest
        @ValueSource(longs = {8, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL})
        void refusesVectorsOutOfRange(long vector) {
            tester.arm(IrqIndex.MSIX);

            assertRefused(Errno.EINVAL, () -> tester.write("BELL", vector));
            assertThat(tester.interrupts()).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({"0x0, 1", "0x0, 2", "0x0, 3", "0x1, 4", "0x2, 2"})
        void refusesAWriteOfAPartOfIt(long offset, int width) {
            tester.arm(IrqIndex.MSIX);

            assertRefused(Errno.EINVAL, () -> tester.write(2, offset, width, 0));
            assertThat(tester.interrupts()).isEmpty();
        }

        @Test
        void readsAsZero() {
            tester.arm(IrqIndex.MSIX);
            tester.write("BELL", 3);

            assertThat(tester.read("BELL")).isZero();
        }

        @Test
        void belongsToTheNextClientAfterTheFirst() {
            tester.arm(IrqIndex.MSIX);
            tester.detach();
            tester.attach();

            assertRefused(Errno.ENOENT, () -> tester.write("BELL", 0));
            tester.arm(IrqIndex.MSIX);
            tester.write("BELL", 0);
            assertThat(tester.interrupts()).containsExactly(new FiredInterrupt(IrqIndex.MSIX, 0));
        }
    }

    @Test
    void functionLevelResetKeepsTheInterruptsThatTheClientArmed() {
        tester.arm(IrqIndex.MSIX);

        tester.reset(ResetReason.FUNCTION_LEVEL_RESET);

        tester.write("BELL", 4);
        assertThat(tester.interrupts()).containsExactly(new FiredInterrupt(IrqIndex.MSIX, 4));
    }

    private static byte[] pattern(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 7 + 1);
        }
        return bytes;
    }

    private static void assertRefused(Errno errno, ThrowingCallable access) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(access)
                .extracting(DeviceException::errno)
                .isEqualTo(errno);
    }
}
