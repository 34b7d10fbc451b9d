package io.vfiouser.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.pci.ExtendedCapability;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.pci.PlacedCapability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CapabilityPlacerTest {
    private final DeviceLayoutBuilder layout = DeviceLayout.pci(0x1af4, 0x10f0).express();

    @Test
    void placesInTheOrderOfTheLayoutAtMultiplesOf4() {
        layout.capability(PciCapability.powerManagement())
                .capability(vendor(2))
                .capability(PciCapability.msi(1))
                .capability(PciCapability.serialNumber(1))
                .capability(PciCapability.advancedErrorReporting());

        assertThat(layout.build().capabilities())
                .extracting(PlacedCapability::offset)
                .containsExactly(0x40, 0x48, 0x50, 0x100, 0x10c);
    }

    @Test
    void fixedPlacesComeFirstAndOthersFillTheGaps() {
        layout.capability(vendor(45))
                .capability(vendor(5))
                .capability(0x60, PciCapability.powerManagement());

        assertThat(layout.build().capabilities())
                .containsExactly(
                        new PlacedCapability(0x40, vendor(5)),
                        new PlacedCapability(0x60, PciCapability.powerManagement()),
                        new PlacedCapability(0x68, vendor(45)));
    }

    @Test
    void capabilitiesMayTouch() {
        layout.capability(0x48, PciCapability.powerManagement())
                .capability(0x40, PciCapability.builder(0x03, 8).build())
                .capability(0x50, vendor(1));

        assertThat(layout.build().capabilities())
                .extracting(PlacedCapability::offset)
                .containsExactly(0x40, 0x48, 0x50);
    }

    @Test
    void theLastByteOfEachListCanBeUsed() {
        layout.capability(0xf8, PciCapability.powerManagement())
                .capability(PciCapability.serialNumber(1))
                .capability(0xff0, extendedVendor(8));

        assertThat(layout.build().capabilities())
                .extracting(PlacedCapability::end)
                .containsExactly(0x100, 0x10c, 0x1000);
    }

    @Test
    void anExtendedCapabilityThatComesLaterMayHeadTheList() {
        layout.capability(0x200, PciCapability.serialNumber(1))
                .capability(0x100, extendedVendor(4));

        assertThat(layout.build().capabilities())
                .extracting(PlacedCapability::offset)
                .containsExactly(0x100, 0x200);
    }

    @Test
    void refusesOverlap() {
        layout.capability(0x50, vendor(5)).capability(0x54, PciCapability.powerManagement());

        assertRefused(
                "capability 0x01 at 0x54: 8 bytes (expected: no overlap with capability 0x09 at"
                        + " 0x50 to 0x58)");
    }

    @Test
    void refusesUnalignedPlaces() {
        layout.capability(0x42, PciCapability.powerManagement());

        assertRefused("capability 0x01 at 0x42: 8 bytes (expected: a multiple of 4)");
    }

    @Test
    void refusesPlacesOutsideTheList() {
        assertRefused(
                copy().capability(0x3c, PciCapability.powerManagement()),
                "capability 0x01 at 0x3c: 8 bytes (expected: 0x40 to 0x100)");
        assertRefused(
                copy().capability(0xfc, PciCapability.powerManagement()),
                "capability 0x01 at 0xfc: 8 bytes (expected: 0x40 to 0x100)");
        assertRefused(
                copy().capability(0xfffffffc, PciCapability.powerManagement()),
                "capability 0x01 at 0xfffffffc: 8 bytes (expected: 0x40 to 0x100)");
        assertRefused(
                copy().capability(0xf0, PciCapability.serialNumber(1)),
                "extended capability 0x0003 at 0xf0: 12 bytes (expected: 0x100 to 0x1000)");
        assertRefused(
                copy().capability(0xff8, PciCapability.serialNumber(1)),
                "extended capability 0x0003 at 0xff8: 12 bytes (expected: 0x100 to 0x1000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.capability(0, PciCapability.powerManagement()))
                .withMessage("position: 0x0 (expected: 0x40 or above)");
    }

    @Test
    void refusesWhatDoesNotFit() {
        layout.capability(0x44, PciCapability.express()).capability(vendor(130));

        assertRefused(
                "capability 0x09: 133 bytes (expected: as many free between 0x40 and 0x100; taken:"
                        + " 0x44 to 0x80)");
    }

    @Test
    void refusesAnExtendedListWithoutItsHead() {
        layout.capability(0x140, PciCapability.serialNumber(1));

        assertRefused(
                "extended capability 0x0003 at 0x140: 12 bytes (expected: an extended capability at"
                        + " 0x100, where the list begins)");
    }

    @ParameterizedTest
    @EnumSource(
            value = PciType.class,
            names = {"CONVENTIONAL", "PCI_X_1"})
    void refusesExtendedCapabilitiesIn256Bytes(PciType type) {
        layout.type(type).capability(PciCapability.serialNumber(1));

        assertRefused(
                "extended capability 0x0003: type "
                        + type
                        + " has 256 bytes of config space (expected: EXPRESS or PCI_X_2)");
    }

    @Test
    void pciXMode2HasExtendedCapabilitiesButThoseOfPciExpress() {
        layout.type(PciType.PCI_X_2).capability(PciCapability.serialNumber(1));
        assertThat(layout.build().capabilities()).hasSize(1);

        layout.capability(PciCapability.advancedErrorReporting());
        assertRefused("extended capability 0x0001: type PCI_X_2 (expected: EXPRESS)");
    }

    @Test
    void refusesExpressOnAnotherBus() {
        layout.type(PciType.CONVENTIONAL).capability(PciCapability.express());

        assertRefused("capability 0x10: type CONVENTIONAL (expected: EXPRESS)");
    }

    @Test
    void refusesTheSameKindTwiceButForVendors() {
        layout.capability(vendor(1))
                .capability(vendor(1))
                .capability(extendedVendor(4))
                .capability(extendedVendor(4));
        assertThat(layout.build().capabilities()).hasSize(4);

        layout.capability(PciCapability.extendedBuilder(0x0003, 1, 12).build())
                .capability(PciCapability.serialNumber(1));
        assertRefused("extended capability 0x0003: 2 times (expected: once)");
    }

    @Test
    void theSameNumberInBothListsIsNotTheSameKind() {
        layout.capability(PciCapability.builder(0x03, 8).build())
                .capability(PciCapability.serialNumber(1));

        assertThat(layout.build().capabilities()).hasSize(2);
    }

    private static DeviceLayoutBuilder copy() {
        return DeviceLayout.pci(0x1af4, 0x10f0).express();
    }

    private static PciCapability vendor(int bytes) {
        return new PciCapability.Vendor(new byte[bytes], false);
    }

    private static PciCapability extendedVendor(int bytes) {
        return new ExtendedCapability.VendorSpecific(1, 0, new byte[bytes], false);
    }

    private void assertRefused(String message) {
        assertRefused(layout, message);
    }

    private static void assertRefused(DeviceLayoutBuilder layout, String message) {
        assertThatIllegalArgumentException().isThrownBy(layout::build).withMessage(message);
    }

    @Test
    void vendorBytesAreReadOnlyUnlessSaidOtherwise() {
        assertThat(PciCapability.vendor((byte) 1, (byte) 2))
                .isEqualTo(new PciCapability.Vendor(new byte[] {1, 2}, true));
    }
}
