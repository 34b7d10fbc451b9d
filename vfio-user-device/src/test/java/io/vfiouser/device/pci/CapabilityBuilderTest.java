package io.vfiouser.device.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.region.MemoryRegion;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CapabilityBuilderTest {
    @Test
    void collectsValuesAndMasksBehindTheHeader() {
        var capability =
                custom(
                        PciCapability.builder(0x0d, 12)
                                .readOnly(4, 2, 0x1af4)
                                .field(6, 2, 0x1234, 0x0ff0)
                                .clearedByOne(8, 4, 0x8000_0001L));

        assertThat(capability.id()).isEqualTo(0x0d);
        assertThat(capability.size()).isEqualTo(12);
        assertThat(capability.isExtended()).isFalse();
        assertThat(capability.headerSize()).isEqualTo(2);
        assertThat(capability.initial())
                .containsExactly(0, 0, 0, 0, 0xf4, 0x1a, 0x34, 0x12, 0, 0, 0, 0);
        assertThat(capability.writable()).containsExactly(0, 0, 0, 0, 0, 0, 0xf0, 0x0f, 0, 0, 0, 0);
        assertThat(capability.clearedByOne())
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x80);
    }

    @Test
    void takesBytesWithAMaskForEach() {
        var capability =
                custom(
                        PciCapability.extendedBuilder(0x0018, 2, 8)
                                .bytes(5, new byte[] {1, 2}, new byte[] {0, 0x7f}));

        assertThat(capability.isExtended()).isTrue();
        assertThat(capability.version()).isEqualTo(2);
        assertThat(capability.headerSize()).isEqualTo(4);
        assertThat(capability.initial()).containsExactly(0, 0, 0, 0, 0, 1, 2, 0);
        assertThat(capability.writable()).containsExactly(0, 0, 0, 0, 0, 0, 0x7f, 0);
        assertRefused(
                () -> PciCapability.builder(0x03, 8).bytes(2, new byte[2], new byte[1]),
                "write masks: 1 (expected: 2)");
    }

    @Test
    void refusesIdsThatAreOthers() {
        assertRefused(
                () -> PciCapability.builder(0x04, 4),
                "capability 0x04: slot numbering (expected: a capability of an endpoint; slots are"
                        + " for bridges to other chassis)");
        assertRefused(
                () -> PciCapability.builder(0x05, 24),
                "capability 0x05: MSI (expected: PciCapability.msi, which brings its interrupts)");
        assertRefused(
                () -> PciCapability.builder(0x11, 12),
                "capability 0x11: MSI-X (expected: PciCapability.msix, which brings its interrupts"
                        + " and their table)");
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertRefused(
                () -> PciCapability.builder(0, 8), "capability id: 0x00 (expected: 1 to 0xff)");
        assertRefused(
                () -> PciCapability.builder(0x100, 8),
                "capability id: 0x100 (expected: 1 to 0xff)");
        assertRefused(
                () -> PciCapability.builder(3, 1), "capability 0x03: 1 bytes (expected: 2 to 192)");
        assertRefused(
                () -> PciCapability.builder(3, 193),
                "capability 0x03: 193 bytes (expected: 2 to 192)");
        assertRefused(
                () -> PciCapability.extendedBuilder(0xffff, 1, 8),
                "extended capability id: 0xffff (expected: 1 to 0xfffe)");
        assertRefused(
                () -> PciCapability.extendedBuilder(3, 16, 8),
                "extended capability 0x0003: version 16 (expected: 1 to 15)");
        assertRefused(
                () -> PciCapability.extendedBuilder(3, 1, 3844),
                "extended capability 0x0003: 3844 bytes (expected: a multiple of 4, 4 to 3840)");
        assertRefused(
                () -> PciCapability.extendedBuilder(3, 1, 10),
                "extended capability 0x0003: 10 bytes (expected: a multiple of 4, 4 to 3840)");
    }

    @Test
    void refusesFieldsInTheHeaderAndPastTheEnd() {
        var standard = PciCapability.builder(0x03, 8);
        assertRefused(
                () -> standard.readOnly(1, 1, 0),
                "capability 0x03: 1 bytes at 0x1 (expected: 1 to 8 within 0x2 to 0x8)");
        assertRefused(
                () -> standard.clearedByOne(7, 2, 0),
                "capability 0x03: 2 bytes at 0x7 (expected: 1 to 8 within 0x2 to 0x8)");
        var extended = PciCapability.extendedBuilder(0x0018, 1, 8);
        assertRefused(
                () -> extended.field(3, 2, 0, 0),
                "extended capability 0x0018: 2 bytes at 0x3 (expected: 1 to 8 within 0x4 to 0x8)");
        assertRefused(
                () -> extended.field(4, 9, 0, 0),
                "extended capability 0x0018: 9 bytes at 0x4 (expected: 1 to 8 within 0x4 to 0x8)");
    }

    @Test
    void refusesBitsThatAreWritableAndClearedByOne() {
        var builder =
                PciCapability.builder(0x03, 8).field(4, 4, 0, 0xff00).clearedByOne(5, 1, 0x11);

        assertRefused(
                builder::build,
                "capability 0x03: bits 0x11 of byte 0x5 (expected: writable or cleared by one, not"
                        + " both)");
    }

    @Test
    void refusesAHandlerForRegistersThatTheFrameworkIsToKeep() {
        var handler = MemoryRegion.scratch(16);
        var builder = PciCapability.builder(0x03, 8).readOnly(2, 2, 0).handledBy(handler);

        assertRefused(
                builder::build,
                "capability 0x03: registers and a handler (expected: one of the two)");
        assertThat(custom(PciCapability.builder(0x03, 8).handledBy(handler)).handler())
                .contains(handler);
    }

    @Test
    void vendorCapabilitiesSayTheirLength() {
        var vendor = PciCapability.builder(0x09, 8).readOnly(2, 1, 6);
        assertRefused(vendor::build, "capability 0x09: length 6 in byte 2 (expected: its size, 8)");
        assertThat(vendor.readOnly(2, 1, 8).build().size()).isEqualTo(8);

        var extended = PciCapability.extendedBuilder(0x000b, 1, 0x110).readOnly(4, 4, 0x0ff0_1234);
        assertRefused(
                extended::build,
                "extended capability 0x000b: length 255 in bits 20 to 31 at 4 (expected: its size,"
                        + " 272)");
        assertThat(extended.readOnly(4, 4, 0x1100_1234).build().size()).isEqualTo(0x110);
        assertRefused(
                PciCapability.builder(0x09, 2)::build,
                "capability 0x09: length 0 in byte 2 (expected: its size, 2)");
    }

    @Test
    void vendorExtendedRefusesWhatItsHeaderCannotHold() {
        assertRefused(
                () -> new ExtendedCapability.VendorSpecific(0x10000, 0, new byte[1], false),
                "VSEC id: 0x10000, revision: 0 (expected: 0 to 0xffff, 0 to 15)");
        assertRefused(
                () -> new ExtendedCapability.VendorSpecific(1, 16, new byte[1], false),
                "VSEC id: 0x1, revision: 16 (expected: 0 to 0xffff, 0 to 15)");
        assertRefused(
                () -> new ExtendedCapability.VendorSpecific(1, 0, new byte[0], false),
                "VSEC data: 0 bytes (expected: 1 to 3832)");
    }

    private static CustomCapability custom(CapabilityBuilder builder) {
        return (CustomCapability) builder.build();
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
