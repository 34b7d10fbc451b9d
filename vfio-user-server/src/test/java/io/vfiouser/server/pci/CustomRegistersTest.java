package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.PciCapability;
import org.junit.jupiter.api.Test;

class CustomRegistersTest {
    private final TestSpace space =
            TestSpace.of(
                    TestSpace.express()
                            .capability(
                                    0x80,
                                    PciCapability.builder(0x0d, 12)
                                            .readOnly(2, 2, 0xabcd)
                                            .field(4, 4, 0x1111_2222, 0x00ff_0000)
                                            .clearedByOne(8, 2, 0x00f0)
                                            .build())
                            .capability(
                                    PciCapability.extendedBuilder(0x0018, 2, 8)
                                            .field(4, 4, 0x0101, 0x1fff_1fff)
                                            .build()));

    @Test
    void showsWhatWasBuilt() {
        assertThat(space.read(0x80, 4)).isEqualTo(0xabcd_000d);
        assertThat(space.read(0x84, 4)).isEqualTo(0x1111_2222);
        assertThat(space.read(0x88, 4)).isZero();
        assertThat(space.read(0x100, 4)).isEqualTo(0x0002_0018);
        assertThat(space.read(0x104, 4)).isEqualTo(0x0101);
    }

    @Test
    void clientsChangeWhatTheMasksLetThem() {
        space.engine.write(0x88, 4, 0x0000_0fff);

        space.writeBytes(0x80, -1, -1, -1, -1, -1, -1, 0x5a, -1, 0x30, -1, -1, -1);
        space.write(0x104, 4, -1);

        assertThat(space.read(0x80, 4)).isEqualTo(0xabcd_000d);
        assertThat(space.read(0x84, 4)).isEqualTo(0x115a_2222);
        assertThat(space.read(0x88, 4)).isEqualTo(0x0fcf);
        assertThat(space.read(0x104, 4)).isEqualTo(0x1fff_1fff);
    }

    @Test
    void aResetPutsThemBack() {
        space.write(0x84, 4, -1);
        space.write(0x104, 4, -1);

        space.engine.resetFunction();

        assertThat(space.read(0x84, 4)).isEqualTo(0x1111_2222);
        assertThat(space.read(0x104, 4)).isEqualTo(0x0101);
    }
}
