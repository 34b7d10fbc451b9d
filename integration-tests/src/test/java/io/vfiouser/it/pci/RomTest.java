package io.vfiouser.it.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.Region;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The expansion ROM: region 6, and its register in config space.
@ExtendWith(NoDescriptorLeaks.class)
class RomTest {
    private static final int ROM = 6;
    private static final int REGISTER = 0x30;

    @Test
    void isReadAsARegionAndSizedByItsRegister() {
        Device device =
                () ->
                        DeviceLayout.pci(0x1234, 0x5678)
                                .rom(Region.of(0x1000, MemoryRegion.scratch(0x1000)))
                                .build();
        try (var server = TestServer.start();
                var client = VfioUserClient.connect(server.serve("rom", device))) {
            assertThat(client.regionInfo(ROM).size()).isEqualTo(0x1000);
            assertThat(client.readBytes(ROM, 0xff0, 16)).containsOnly(0);
            assertThatExceptionOfType(RemoteErrorException.class)
                    .isThrownBy(() -> client.write(ROM, 0, 4, 0xaa55))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));

            client.configSpace().write32(REGISTER, 0xffff_ffffL);
            assertThat(client.configSpace().read32(REGISTER)).isEqualTo(0xffff_f001L);
        }
    }

    @Test
    void withoutItThereIsNeitherRegionNorRegister() {
        Device device = () -> DeviceLayout.pci(0x1234, 0x5678).build();
        try (var server = TestServer.start();
                var client = VfioUserClient.connect(server.serve("no-rom", device))) {
            client.configSpace().write32(REGISTER, 0xffff_ffffL);

            assertThat(client.regionInfo(ROM).size()).isZero();
            assertThat(client.configSpace().read32(REGISTER)).isZero();
        }
    }
}
