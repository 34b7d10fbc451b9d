package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigSpaceEngineTest {
    private static final ScratchBar HANDLER = new ScratchBar(16);
    private static final int PM = 0x40;
    private static final int EXPRESS = 0x48;
    private static final int MSI = 0x84;
    private static final int MSIX = 0x9c;
    private static final int VENDOR = 0xa8;

    private final TestSpace space =
            TestSpace.of(
                    TestSpace.express()
                            .irq(IrqIndex.INTX, 1)
                            .bar(0, Bar.memory64(1L << 33, HANDLER))
                            .bar(2, Bar.io(0x20, HANDLER))
                            .bar(3, Bar.memory(0x1000, HANDLER))
                            .rom(Region.of(0x800, HANDLER))
                            .capability(PciCapability.powerManagement())
                            .capability(PciCapability.express())
                            .capability(PciCapability.msi(8))
                            .capability(PciCapability.msix(8, 3, 0, 0x800))
                            .capability(new PciCapability.Vendor(new byte[] {1, 2, 3}, false)));

    /// What the specifications let software write in the layout above, written down by hand.
    private static byte[] writable() {
        var mask = new byte[4096];
        put(mask, 0x04, 0x0547, 2);
        put(mask, 0x0c, 0xff, 1);
        put(mask, 0x10, 0, 4);
        put(mask, 0x14, 0xffff_fffe, 4);
        put(mask, 0x18, 0xffff_ffe0, 4);
        put(mask, 0x1c, 0xffff_f000, 4);
        put(mask, 0x30, 0xffff_f801, 4);
        put(mask, 0x3c, 0xff, 1);
        put(mask, PM + 4, 0x3, 2);
        put(mask, EXPRESS + 0x08, 0x781f, 2);
        put(mask, EXPRESS + 0x10, 0x00cb, 2);
        put(mask, EXPRESS + 0x28, 0x0010, 2);
        put(mask, MSI + 2, 0x0071, 2);
        put(mask, MSI + 4, 0xffff_fffc, 4);
        put(mask, MSI + 8, -1, 4);
        put(mask, MSI + 0xc, 0xffff, 2);
        put(mask, MSI + 0x10, 0xff, 4);
        put(mask, MSIX + 2, 0xc000, 2);
        put(mask, VENDOR + 3, 0xff_ffff, 3);
        return mask;
    }

    @ParameterizedTest
    @CsvSource({"CONVENTIONAL, 256", "PCI_X_1, 256", "PCI_X_2, 4096", "EXPRESS, 4096"})
    void theTypeDecidesTheSize(PciType type, int size) {
        var typed = TestSpace.of(TestSpace.pci().type(type));

        assertThat(typed.engine.size()).isEqualTo(size);
        assertThat(typed.readBytes(0, size)).hasSize(size);
        assertThat(typed.read(size - 1, 1)).isZero();
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> typed.read(size, 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aWriteOfTheWholeSpaceChangesWritableBitsOnly(long seed) {
        byte[] before = space.readBytes(0, 4096);
        var random = new byte[4096];
        new Random(seed).nextBytes(random);

        space.writeBytes(0, random);

        byte[] after = space.readBytes(0, 4096);
        byte[] writable = writable();
        for (int i = 0; i < 4096; i++) {
            int changed = after[i] ^ before[i];
            assertThat(changed & ~writable[i]).as("read-only bits changed at 0x%x", i).isZero();
            if (i != PM + 4 && i != MSI + 2) {
                assertThat((after[i] ^ random[i]) & writable[i])
                        .as("writable bits not stored at 0x%x", i)
                        .isZero();
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13, 14})
    void writesOfAnySizeAnywhereComeToTheSameAsTheirBytes(long seed) {
        var byBytes = TestSpace.of(TestSpace.express().bar(0, Bar.memory64(1L << 33, HANDLER)));
        var atOnce = TestSpace.of(TestSpace.express().bar(0, Bar.memory64(1L << 33, HANDLER)));
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            int offset = random.nextInt(0x50);
            var bytes = new byte[1 + random.nextInt(17)];
            random.nextBytes(bytes);

            atOnce.writeBytes(offset, bytes);
            for (int i = 0; i < bytes.length; i++) {
                byBytes.write(offset + i, 1, bytes[i]);
            }

            assertThat(atOnce.readBytes(0, 256)).isEqualTo(byBytes.readBytes(0, 256));
        }
    }

    @Test
    void anOddAccessMayStraddleRegisters() {
        space.writeBytes(0x1b, 0xaa, 0x12, 0xf0, 0xbc, 0xfe, 0x77);

        assertThat(space.read(0x18, 4)).isEqualTo(0xaa00_0001);
        assertThat(space.read(0x1c, 4)).isEqualTo(0xfebc_f000);
        assertThat(space.readBytes(0x1b, 6))
                .containsExactly((byte) 0xaa, 0x00, (byte) 0xf0, (byte) 0xbc, (byte) 0xfe, 0);
    }

    @Test
    void oneWriteTellsOfAllThatItTouched() {
        space.write(MSIX + 2, 2, 0x4000);
        space.told.clear();

        var bytes = space.readBytes(0, 256);
        bytes[0x04] = 0x04;
        bytes[PM + 4] = 3;
        bytes[EXPRESS + 0x09] = (byte) 0x80;
        bytes[MSI + 2] = 1;
        bytes[MSI + 0x10] = 1;
        bytes[MSIX + 3] = 0;
        space.writeBytes(0, bytes);

        assertThat(space.told)
                .containsExactly(
                        "command 0x0 -> 0x4",
                        "power D0 -> D3_HOT",
                        "FLR",
                        "message interrupts true",
                        "MSI masks",
                        "function mask false");
    }

    @ParameterizedTest
    @EnumSource(PciType.class)
    void theTypeDecidesTheSize(PciType type) {
        var engine = TestSpace.of(TestSpace.pci().type(type)).engine;

        assertThat(engine.size()).isEqualTo(type.configSpaceSize());
        assertThat(engine.read(engine.size() - 1, 1)).isZero();
    }

    @Test
    void refusesWhatRunsPastTheEndAndWritesNoneOfIt() {
        var conventional =
                TestSpace.of(
                        TestSpace.pci().capability(new PciCapability.Vendor(new byte[189], false)));

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> conventional.write(0xfe, 4, -1))
                .withMessage("offset: 0xfe, count: 4 (expected: end <= 0x100)");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> conventional.read(0x100, 1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> conventional.write(-1, 1, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> conventional.read(Integer.MAX_VALUE, 4));
        assertThat(conventional.read(0xfe, 2)).isZero();
    }

    @Test
    void theDeviceWritesPastAllMasksAndTellsNobody() {
        space.engine.write(0x00, 4, 0x1234_5678);
        space.engine.write(0x04, 2, 0xffff);
        space.engine.write(0xfff, 1, 0x9a);

        assertThat(space.read(0x00, 4)).isEqualTo(0x1234_5678);
        assertThat(space.read(0x04, 2)).isEqualTo(0xffff);
        assertThat(space.read(0xfff, 1)).isEqualTo(0x9a);
        assertThat(space.engine.read(0xffe, 2)).isEqualTo(0x9a00);
        assertThat(space.told).isEmpty();
    }

    @Test
    void theDevicesAccessesAreOf1And2And4Bytes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> space.engine.read(0, 3))
                .withMessage("width: 3 (expected: 1, 2 or 4)");
        assertThatIllegalArgumentException().isThrownBy(() -> space.engine.write(0, 8, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> space.engine.write(0xffd, 4, 0));
    }

    @Test
    void resetPutsBackAllThatClientsCanChange() {
        byte[] initial = space.readBytes(0, 4096);
        var ones = new byte[4096];
        Arrays.fill(ones, (byte) 0xff);
        space.engine.write(0x06, 2, 0xf910);
        space.writeBytes(0, ones);
        space.engine.setInterruptStatus(true);
        space.engine.msiMasks().showPending(0, true);
        space.told.clear();

        space.engine.reset();

        assertThat(space.readBytes(0, 4096)).isEqualTo(initial);
        assertThat(space.told).isEmpty();
    }

    @Test
    void resetKeepsWhatTheDeviceWroteToReadOnlyBits() {
        space.engine.write(0x08, 1, 0x42);

        space.engine.reset();

        assertThat(space.read(0x08, 1)).isEqualTo(0x42);
    }

    private static void put(byte[] mask, int offset, int value, int width) {
        for (int i = 0; i < width; i++) {
            mask[offset + i] = (byte) (value >>> (8 * i));
        }
    }
}
