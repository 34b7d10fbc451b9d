package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Region;
import org.junit.jupiter.api.Test;

class BarRegistersTest {
    private static final ScratchBar HANDLER = new ScratchBar(16);
    private static final long GIB = 1L << 30;

    @Test
    void sizes32BitMemory() {
        var space = TestSpace.of(TestSpace.pci().bar(0, Bar.memory(0x1000, HANDLER)));

        assertThat(space.read(0x10, 4)).isZero();
        assertThat(space.size(0x10)).isEqualTo(0xffff_f000);
        space.write(0x10, 4, 0xfebc_1234);
        assertThat(space.read(0x10, 4)).isEqualTo(0xfebc_1000);
    }

    @Test
    void sizesTheLargest32BitMemory() {
        var space = TestSpace.of(TestSpace.pci().bar(0, Bar.memory(2 * GIB, HANDLER)));

        assertThat(space.size(0x10)).isEqualTo(0x8000_0000);
    }

    @Test
    void keepsThePrefetchBit() {
        var bar = Bar.memory(0x100, HANDLER).asPrefetchable();
        var space = TestSpace.of(TestSpace.pci().bar(1, bar));

        assertThat(space.read(0x14, 4)).isEqualTo(0x0000_0008);
        assertThat(space.size(0x14)).isEqualTo(0xffff_ff08);
        space.write(0x14, 4, 0);
        assertThat(space.read(0x14, 4)).isEqualTo(0x0000_0008);
    }

    @Test
    void sizesIo() {
        var space =
                TestSpace.of(
                        TestSpace.pci().bar(2, Bar.io(0x100, HANDLER)).bar(5, Bar.io(4, HANDLER)));

        assertThat(space.read(0x18, 4)).isEqualTo(0x0000_0001);
        assertThat(space.size(0x18)).isEqualTo(0xffff_ff01);
        assertThat(space.size(0x24)).isEqualTo(0xffff_fffd);
        space.write(0x18, 4, 0x0000_c0ff);
        assertThat(space.read(0x18, 4)).isEqualTo(0x0000_c001);
    }

    @Test
    void sizes64BitMemoryBelow4GibInBothHalves() {
        var space = TestSpace.of(TestSpace.pci().bar(0, Bar.memory64(0x4000, HANDLER)));

        assertThat(space.read(0x10, 4)).isEqualTo(0x0000_0004);
        assertThat(space.size(0x10)).isEqualTo(0xffff_c004);
        assertThat(space.size(0x14)).isEqualTo(0xffff_ffff);
    }

    @Test
    void places64BitMemoryAbove4Gib() {
        var bar = Bar.memory64(0x4000, HANDLER).asPrefetchable();
        var space = TestSpace.of(TestSpace.pci().bar(0, bar));

        space.write(0x10, 4, 0xe000_0000);
        space.write(0x14, 4, 0x0000_0038);

        assertThat(space.read(0x10, 4)).isEqualTo(0xe000_000c);
        assertThat(space.read(0x14, 4)).isEqualTo(0x0000_0038);
    }

    @Test
    void sizes64BitMemoryOf4GibAndMore() {
        var space =
                TestSpace.of(
                        TestSpace.pci()
                                .bar(0, Bar.memory64(4 * GIB, HANDLER))
                                .bar(4, Bar.memory64(8 * GIB, HANDLER)));

        assertThat(space.size(0x10)).isEqualTo(0x0000_0004);
        assertThat(space.size(0x14)).isEqualTo(0xffff_ffff);
        assertThat(space.size(0x20)).isEqualTo(0x0000_0004);
        assertThat(space.size(0x24)).isEqualTo(0xffff_fffe);
    }

    @Test
    void unusedBarsAndAbsentRomReadZero() {
        var space = TestSpace.of(TestSpace.pci().bar(2, Bar.io(4, HANDLER)));

        for (int offset : new int[] {0x10, 0x14, 0x1c, 0x20, 0x24, 0x28, 0x30}) {
            assertThat(space.size(offset)).as("register 0x%x", offset).isZero();
        }
    }

    @Test
    void sizesTheRom() {
        var space = TestSpace.of(TestSpace.pci().rom(Region.of(0x1_0000, HANDLER)));

        assertThat(space.read(0x30, 4)).isZero();
        space.write(0x30, 4, 0xffff_f800);
        assertThat(space.read(0x30, 4)).isEqualTo(0xffff_0000);
        assertThat(space.size(0x30)).as("with the enable bit").isEqualTo(0xffff_0001);
        space.write(0x30, 4, 0xfea0_0001);
        assertThat(space.read(0x30, 4)).isEqualTo(0xfea0_0001);
    }

    @Test
    void takesAnAddressByteByByte() {
        var space = TestSpace.of(TestSpace.pci().bar(0, Bar.memory(0x100, HANDLER)));

        space.write(0x13, 1, 0xfe);
        space.write(0x11, 2, 0xbc12);

        assertThat(space.read(0x10, 4)).isEqualTo(0xfebc_1200);
    }
}
