package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.PciCapability;
import org.junit.jupiter.api.Test;

class VendorRegistersTest {
    @Test
    void hasItsLengthAndData() {
        var space = with(false, 1, -2, 3);

        assertThat(space.readBytes(TestSpace.FIRST, 6)).containsExactly(9, 0, 6, 1, -2, 3);
    }

    @Test
    void dataIsWritableAndTheHeaderIsNot() {
        var space = with(false, 1, 2, 3);

        space.writeBytes(TestSpace.FIRST, -1, -1, -1, 10, 20, 30, 40);

        assertThat(space.readBytes(TestSpace.FIRST, 7)).containsExactly(9, 0, 6, 10, 20, 30, 0);
    }

    @Test
    void readOnlyDataIgnoresWrites() {
        var space = with(true, 1, 2, 3);

        space.writeBytes(TestSpace.FIRST, -1, -1, -1, 10, 20, 30);

        assertThat(space.readBytes(TestSpace.FIRST, 6)).containsExactly(9, 0, 6, 1, 2, 3);
    }

    @Test
    void resetPutsTheDataBack() {
        var space = with(false, 1, 2, 3);
        space.writeBytes(TestSpace.FIRST + 3, 7, 8, 9);

        space.engine.reset();

        assertThat(space.readBytes(TestSpace.FIRST + 3, 3)).containsExactly(1, 2, 3);
    }

    private static TestSpace with(boolean readOnly, int... data) {
        var bytes = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            bytes[i] = (byte) data[i];
        }
        return TestSpace.of(TestSpace.pci().capability(new PciCapability.Vendor(bytes, readOnly)));
    }
}
