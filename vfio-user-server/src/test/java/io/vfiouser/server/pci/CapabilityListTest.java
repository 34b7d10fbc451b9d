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
    void refusesWhatDoesNotFit() {
        var layout =
                TestSpace.express()
                        .capability(PciCapability.express())
                        .capability(new PciCapability.Vendor(new byte[130], false))
                        .build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TestSpace(layout))
                .withMessage("capability 0x09 at 0x7c: 133 bytes (expected: end <= 0x100)");
    }

    @Test
    void refusesExpressOnAnotherBus() {
        var layout = TestSpace.pci().capability(PciCapability.express()).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TestSpace(layout))
                .withMessage("PCI Express capability: type CONVENTIONAL (expected: EXPRESS)");
    }
}
