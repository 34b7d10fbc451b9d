package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.PciCapability;
import org.junit.jupiter.api.Test;

class PowerManagementRegistersTest {
    private static final int CONTROL = TestSpace.FIRST + 4;

    @Test
    void showsVersionAndNoSoftReset() {
        var space = with(true);

        assertThat(space.readBytes(TestSpace.FIRST, 8)).containsExactly(1, 0, 3, 0, 8, 0, 0, 0);
        assertThat(with(false).read(CONTROL, 2)).isZero();
    }

    @Test
    void onlyThePowerStateIsWritable() {
        var space = with(true);

        space.writeBytes(TestSpace.FIRST, -1, -1, -1, -1, -1, -1, -1, -1);

        assertThat(space.readBytes(TestSpace.FIRST, 8)).containsExactly(1, 0, 3, 0, 11, 0, 0, 0);
    }

    @Test
    void tellsOfD3hotAndBack() {
        var space = with(true);

        space.write(CONTROL, 2, 3);
        space.write(CONTROL, 2, 3);
        space.write(CONTROL, 2, 0);

        assertThat(space.told).containsExactly("power D0 -> D3_HOT", "power D3_HOT -> D0");
    }

    @Test
    void comingBackWithoutNoSoftResetIsAReset() {
        var space = with(false);

        space.write(CONTROL, 1, 3);
        space.write(CONTROL, 1, 0);

        assertThat(space.told)
                .containsExactly("power D0 -> D3_HOT", "power D3_HOT -> D0", "soft reset");
    }

    @Test
    void statesThatAreNotThereAreNotEntered() {
        var space = with(true);

        space.write(CONTROL, 2, 1);
        assertThat(space.read(CONTROL, 2)).isEqualTo(0x0008);

        space.write(CONTROL, 2, 3);
        space.write(CONTROL, 2, 2);
        assertThat(space.read(CONTROL, 2)).isEqualTo(0x000b);
        assertThat(space.told).containsExactly("power D0 -> D3_HOT");
    }

    private static TestSpace with(boolean noSoftReset) {
        return TestSpace.of(
                TestSpace.pci().capability(new PciCapability.PowerManagement(noSoftReset)));
    }
}
