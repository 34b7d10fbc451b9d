package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.ExtendedCapability;
import io.vfiouser.device.pci.PciCapability;
import org.junit.jupiter.api.Test;

class ExtendedRegistersTest {
    private static final int FIRST = 0x100;

    @Test
    void theSerialNumberIsReadOnly() {
        var space =
                TestSpace.of(
                        TestSpace.express()
                                .capability(PciCapability.serialNumber(0x0011_22ff_fe33_4455L)));

        space.writeBytes(FIRST, new byte[12]);

        assertThat(space.read(FIRST, 4)).isEqualTo(0x0001_0003);
        assertThat(space.read(FIRST + 4, 4)).as("lower half").isEqualTo(0xfe33_4455);
        assertThat(space.read(FIRST + 8, 4)).as("upper half").isEqualTo(0x0011_22ff);
    }

    @Test
    void aVendorsCapabilityHasItsHeaderAndData() {
        var space = vendor(false);

        assertThat(space.readBytes(FIRST, 13))
                .containsExactly(
                        0x0b, 0, 1, 0, // id, version 1, the last one
                        0x34, 0x12, 0xc5, 0x00, // VSEC id, revision 5, length 12
                        1, 2, 3, 4, 0);
    }

    @Test
    void aVendorsDataIsWritableAndItsHeaderIsNot() {
        var space = vendor(false);

        space.writeBytes(FIRST, -1, -1, -1, -1, -1, -1, -1, -1, 5, 6, 7, 8, 9);

        assertThat(space.readBytes(FIRST, 13))
                .containsExactly(0x0b, 0, 1, 0, 0x34, 0x12, 0xc5, 0x00, 5, 6, 7, 8, 0);
        space.engine.resetFunction();
        assertThat(space.readBytes(FIRST + 8, 4)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aVendorsReadOnlyDataIgnoresWrites() {
        var space = vendor(true);

        space.writeBytes(FIRST + 8, 5, 6, 7, 8);

        assertThat(space.readBytes(FIRST + 8, 4)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void theLengthOfALongOneTakesTwelveBits() {
        var space =
                TestSpace.of(
                        TestSpace.express()
                                .capability(
                                        new ExtendedCapability.VendorSpecific(
                                                0xffff, 15, new byte[3832], false)));

        assertThat(space.read(FIRST + 4, 4)).isEqualTo(0xf00f_ffff);
        space.write(0xffc, 4, 0x1234_5678);
        assertThat(space.read(0xffc, 4)).isEqualTo(0x1234_5678);
    }

    private static TestSpace vendor(boolean readOnly) {
        return TestSpace.of(
                TestSpace.express()
                        .capability(
                                new ExtendedCapability.VendorSpecific(
                                        0x1234, 5, new byte[] {1, 2, 3, 4}, readOnly)));
    }
}
