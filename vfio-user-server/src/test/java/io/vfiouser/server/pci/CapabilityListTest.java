package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import org.junit.jupiter.api.Test;

class CapabilityListTest {
    @Test
    void linksInTheOrderOfTheLayoutAtMultiplesOf4() {
        var space =
                TestSpace.of(
                        TestSpace.express()
                                .bar(0, Bar.memory(0x1000, new ScratchBar(16)))
                                .capability(PciCapability.powerManagement())
                                .capability(new PciCapability.Vendor(new byte[2], false))
                                .capability(new PciCapability.Msi(1, false, false))
                                .capability(PciCapability.msix(8, 0, 0, 0x800))
                                .capability(PciCapability.express()));

        assertThat(space.read(0x06, 2)).as("capability list bit").isEqualTo(0x0010);
        assertThat(space.read(TestSpace.POINTER, 1)).isEqualTo(0x40);
        assertThat(space.read(0x40, 2)).isEqualTo(0x4801);
        assertThat(space.read(0x48, 2)).isEqualTo(0x5009);
        assertThat(space.read(0x50, 2)).isEqualTo(0x5c05);
        assertThat(space.read(0x5c, 2)).isEqualTo(0x6811);
        assertThat(space.read(0x68, 2)).isEqualTo(0x0010);
        assertThat(space.read(0x100, 4)).as("no extended capabilities").isZero();
    }

    @Test
    void findsTheFirstOfAKind() {
        var space =
                TestSpace.of(
                        TestSpace.pci()
                                .capability(PciCapability.powerManagement())
                                .capability(new PciCapability.Vendor(new byte[1], false))
                                .capability(new PciCapability.Vendor(new byte[1], false)));

        assertThat(space.engine.findCapability(0x01)).isEqualTo(0x40);
        assertThat(space.engine.findCapability(0x09)).isEqualTo(0x48);
        assertThat(space.engine.findCapability(0x10)).isZero();
    }

    @Test
    void idAndNextPointerAreReadOnly() {
        var space = TestSpace.of(TestSpace.pci().capability(PciCapability.powerManagement()));

        space.write(0x40, 4, -1);
        space.write(TestSpace.POINTER, 4, -1);

        assertThat(space.read(0x40, 4)).isEqualTo(0x0003_0001);
        assertThat(space.read(TestSpace.POINTER, 4)).isEqualTo(0x40);
    }

    @Test
    void fillsTheSpaceToItsLastByte() {
        var space =
                TestSpace.of(
                        TestSpace.pci().capability(new PciCapability.Vendor(new byte[189], false)));

        space.write(0xff, 1, 0x5a);

        assertThat(space.read(0xff, 1)).isEqualTo(0x5a);
    }

    @Test
    void extendedCapabilitiesAreAListOfTheirOwn() {
        var space =
                TestSpace.of(
                        TestSpace.express()
                                .capability(0x400, PciCapability.advancedErrorReporting())
                                .capability(PciCapability.serialNumber(0x1122_3344_5566_7788L))
                                .capability(PciCapability.extendedBuilder(0x18, 3, 8).build())
                                .capability(PciCapability.powerManagement()));

        assertThat(space.read(TestSpace.POINTER, 1)).isEqualTo(0x40);
        assertThat(space.read(0x40, 2)).isEqualTo(0x0001);
        assertThat(space.read(0x100, 4)).isEqualTo(0x10c1_0003);
        assertThat(space.read(0x10c, 4)).isEqualTo(0x4003_0018);
        assertThat(space.read(0x400, 4)).isEqualTo(0x0002_0001);
    }

    @Test
    void extendedCapabilitiesAloneAreNoCapabilityList() {
        var space = TestSpace.of(TestSpace.express().capability(PciCapability.serialNumber(1)));

        assertThat(space.read(0x06, 2)).isZero();
        assertThat(space.read(TestSpace.POINTER, 1)).isZero();
        assertThat(space.read(0x100, 4)).isEqualTo(0x0001_0003);
    }

    @Test
    void theExtendedHeaderIsReadOnly() {
        var space = TestSpace.of(TestSpace.express().capability(PciCapability.serialNumber(1)));

        space.write(0x100, 4, -1);

        assertThat(space.read(0x100, 4)).isEqualTo(0x0001_0003);
    }

    @Test
    void findsTheNextOfAKindInEitherList() {
        var vendor = new PciCapability.Vendor(new byte[1], false);
        var space =
                TestSpace.of(
                        TestSpace.express()
                                .capability(vendor)
                                .capability(vendor)
                                .capability(PciCapability.serialNumber(1)));

        assertThat(space.engine.findNextCapability(0, 0x09)).isEqualTo(0x40);
        assertThat(space.engine.findNextCapability(0x40, 0x09)).isEqualTo(0x44);
        assertThat(space.engine.findNextCapability(0x44, 0x09)).isZero();
        assertThat(space.engine.findExtendedCapability(0x03)).isEqualTo(0x100);
        assertThat(space.engine.findNextExtendedCapability(0x100, 0x03)).isZero();
        assertThat(space.engine.findCapability(0x03)).isZero();
        assertThat(space.engine.findExtendedCapability(0x09)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> space.engine.findNextCapability(0x41, 0x09))
                .withMessage("after: 0x41 (expected: 0, or where a capability starts)");
    }
}
