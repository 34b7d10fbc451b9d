package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.pci.PciCapability;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MsiRegistersTest {
    private static final int CONTROL = TestSpace.FIRST + 2;
    private static final int MASK_64 = TestSpace.FIRST + 0x10;
    private static final int PENDING_64 = TestSpace.FIRST + 0x14;
    private static final int SIZE_64_MASKED = 0x18;

    /// Id, next, control; address; upper address; data; mask; pending; the space behind.
    @ParameterizedTest(name = "64-bit: {0}, masks: {1}")
    @CsvSource({
        "false, false, 05000600 00000000 0000          0000, 05003700 fcffffff ffff          0000",
        "true,  false, 05008600 00000000 00000000 0000 0000, 0500b700 fcffffff ffffffff ffff 0000",
        "false, true,  05000601 00000000 00000000 00000000 00000000 0000,"
                + " 05003701 fcffffff ffff0000 ff000000 00000000 0000",
        "true,  true,  05008601 00000000 00000000 00000000 00000000 00000000 0000,"
                + " 0500b701 fcffffff ffffffff ffff0000 ff000000 00000000 0000",
    })
    void hasTheFourShapes(boolean wide, boolean masks, String initial, String written) {
        var space = with(new PciCapability.Msi(8, wide, masks));
        byte[] expected = HexFormat.of().parseHex(initial.replace(" ", ""));
        assertThat(space.readBytes(TestSpace.FIRST, expected.length)).isEqualTo(expected);

        var ones = new byte[expected.length];
        Arrays.fill(ones, (byte) 0xff);
        space.writeBytes(TestSpace.FIRST, ones);

        assertThat(space.readBytes(TestSpace.FIRST, expected.length))
                .isEqualTo(HexFormat.of().parseHex(written.replace(" ", "")));
    }

    @ParameterizedTest(name = "{0} vectors, asked for 1 << {1}")
    @CsvSource({"1, 0, 0", "1, 5, 0", "4, 1, 1", "4, 2, 2", "4, 3, 2", "32, 5, 5", "32, 7, 5"})
    void enablesNoMoreVectorsThanThereAre(int vectors, int asked, int enabled) {
        var space = with(new PciCapability.Msi(vectors, true, false));

        space.write(CONTROL, 1, asked << 4 | 1);

        assertThat(space.read(CONTROL, 2) >> 4 & 7).isEqualTo(enabled);
        assertThat(space.engine.msiEnabled()).isTrue();
    }

    @Test
    void tellsOfBeingEnabledAndDisabled() {
        var space = with(PciCapability.msi(1));

        space.write(CONTROL, 2, 1);
        space.write(CONTROL, 2, 1);
        space.write(CONTROL, 2, 0);

        assertThat(space.told)
                .containsExactly("message interrupts true", "message interrupts false");
    }

    @Test
    void all32VectorsHaveMaskBits() {
        var space = with(PciCapability.msi(32));

        space.write(MASK_64, 4, 0x8000_0001);

        var masks = space.engine.msiMasks();
        assertThat(masks.masked(0)).isTrue();
        assertThat(masks.masked(1)).isFalse();
        assertThat(masks.masked(30)).isFalse();
        assertThat(masks.masked(31)).isTrue();
        assertThat(space.told).containsExactly("MSI masks");
    }

    @Test
    void tellsOfMaskBitsWrittenByTheByte() {
        var space = with(PciCapability.msi(16));

        space.write(MASK_64 + 1, 1, 0x80);
        space.write(MASK_64 + 1, 1, 0x80);
        space.write(MASK_64, 4, 0);

        assertThat(space.told).containsExactly("MSI masks", "MSI masks");
        assertThat(space.engine.msiMasks().masked(15)).isFalse();
    }

    @Test
    void pendingBitsAreShownAndReadOnly() {
        var space = with(PciCapability.msi(16));
        var masks = space.engine.msiMasks();

        masks.showPending(3, true);
        masks.showPending(15, true);
        assertThat(space.read(PENDING_64, 4)).isEqualTo(0x8008);
        assertThat(masks.pending(15)).isTrue();

        space.write(PENDING_64, 4, 0);
        space.write(PENDING_64, 4, -1);
        assertThat(space.read(PENDING_64, 4)).isEqualTo(0x8008);

        masks.showPending(3, false);
        assertThat(space.read(PENDING_64, 4)).isEqualTo(0x8000);
        assertThat(masks.pending(3)).isFalse();
    }

    @Test
    void resetForgetsMasksAndPendingBits() {
        var space = with(PciCapability.msi(16));
        byte[] initial = space.readBytes(TestSpace.FIRST, SIZE_64_MASKED);
        var ones = new byte[SIZE_64_MASKED];
        Arrays.fill(ones, (byte) 0xff);
        space.writeBytes(TestSpace.FIRST, ones);
        space.engine.msiMasks().showPending(7, true);

        space.engine.reset();

        assertThat(space.readBytes(TestSpace.FIRST, SIZE_64_MASKED)).isEqualTo(initial);
    }

    @Test
    void withoutMaskBitsNothingIsMasked() {
        var masks = with(new PciCapability.Msi(8, true, false)).engine.msiMasks();

        masks.showPending(7, true);

        assertThat(masks.masked(7)).isFalse();
        assertThat(masks.pending(7)).isFalse();
    }

    @Test
    void refusesVectorsThatAreNotThere() {
        var masks = with(PciCapability.msi(16)).engine.msiMasks();

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> masks.masked(16))
                .withMessage("vector: 16 (expected: 0 to 15)");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> masks.showPending(-1, true));
    }

    private static TestSpace with(PciCapability capability) {
        return TestSpace.of(TestSpace.pci().capability(capability));
    }
}
