package io.vfiouser.device.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlacedCapabilityTest {
    private static final List<PlacedCapability> LIST =
            List.of(
                    new PlacedCapability(0x40, PciCapability.powerManagement()),
                    new PlacedCapability(0x48, new PciCapability.Vendor(new byte[1], false)),
                    new PlacedCapability(0x4c, new PciCapability.Vendor(new byte[1], false)),
                    new PlacedCapability(0x100, PciCapability.serialNumber(1)),
                    new PlacedCapability(
                            0x10c,
                            new ExtendedCapability.VendorSpecific(1, 0, new byte[4], false)));

    @Test
    void findsTheFirstFromTheHead() {
        assertThat(PlacedCapability.find(LIST, false, 0, 0x01)).isEqualTo(0x40);
        assertThat(PlacedCapability.find(LIST, false, 0, 0x09)).isEqualTo(0x48);
        assertThat(PlacedCapability.find(LIST, true, 0, 0x03)).isEqualTo(0x100);
        assertThat(PlacedCapability.find(LIST, true, 0, 0x0b)).isEqualTo(0x10c);
    }

    @Test
    void findsTheNextBehindAnyCapability() {
        assertThat(PlacedCapability.find(LIST, false, 0x40, 0x09)).isEqualTo(0x48);
        assertThat(PlacedCapability.find(LIST, false, 0x48, 0x09)).isEqualTo(0x4c);
        assertThat(PlacedCapability.find(LIST, false, 0x4c, 0x09)).isZero();
        assertThat(PlacedCapability.find(LIST, true, 0x100, 0x0b)).isEqualTo(0x10c);
        assertThat(PlacedCapability.find(LIST, true, 0x100, 0x03)).isZero();
    }

    @Test
    void theTwoListsAreApart() {
        assertThat(PlacedCapability.find(LIST, true, 0, 0x01)).isZero();
        assertThat(PlacedCapability.find(LIST, false, 0, 0x0b)).isZero();
    }

    @Test
    void refusesToLookBehindWhatIsNoCapability() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlacedCapability.find(LIST, false, 0x44, 0x09))
                .withMessage("after: 0x44 (expected: 0, or where a capability starts)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlacedCapability.find(LIST, true, 0x40, 0x0b))
                .withMessage("after: 0x40 (expected: 0, or where an extended capability starts)");
    }

    @Test
    void refusesOffsetsThatNoPointerCanHold() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlacedCapability(0x41, PciCapability.powerManagement()))
                .withMessage("offset: 0x41 (expected: a multiple of 4, at least 0x40)");
    }
}
