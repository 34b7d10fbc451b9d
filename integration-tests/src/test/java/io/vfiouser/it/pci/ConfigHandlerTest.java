package io.vfiouser.it.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.DeviceLayoutBuilder;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Devices that answer for their config space, or a capability in it, themselves.
@ExtendWith(NoDescriptorLeaks.class)
class ConfigHandlerTest {
    private static final int VENDOR_DATA = 0x1000;
    private static final int DEVICE_CONTROL = 0x48;

    private final List<ResetReason> resets = new CopyOnWriteArrayList<>();

    @Test
    void aDeviceMayAnswerForAllOfIt() {
        RegionHandler own = RegisterBlock.builder().readOnly(0x00, 4, "ID", () -> 0x4321).build();
        try (var server = TestServer.start();
                var client = serve(server, layout -> layout.configHandler(_ -> own))) {
            client.configSpace().write32(0x10, -1L);

            assertThat(client.configSpace().size()).isEqualTo(4096);
            assertThat(client.configSpace().read32(0x00)).isEqualTo(0x4321);
            assertThat(client.configSpace().read32(0x10)).isZero();
            assertThat(client.configSpace().read8(0x34)).as("no capabilities").isZero();
        }
    }

    @Test
    void aDeviceMayPassOnWhatItDoesNotWant() {
        try (var server = TestServer.start();
                var client = serve(server, layout -> layout.configHandler(Patched::new))) {
            client.configSpace().write16(0x04, 0x4);

            assertThat(client.configSpace().read16(0x00)).isEqualTo(0x1234);
            assertThat(client.configSpace().read16(0x04)).isEqualTo(0x4);
            assertThat(client.configSpace().read16(0x2e)).isEqualTo(VENDOR_DATA);

            client.configSpace().write16(DEVICE_CONTROL, 0x8000);
            assertThat(resets).containsExactly(ResetReason.FUNCTION_LEVEL_RESET);
            assertThat(client.configSpace().read16(0x04)).isZero();
            assertThatExceptionOfType(RemoteErrorException.class)
                    .isThrownBy(() -> client.configSpace().write8(0x2e, 1))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
        }
    }

    @Test
    void aDeviceMayAnswerForOneCapability() {
        var written = new CopyOnWriteArrayList<Long>();
        var registers =
                RegisterBlock.builder()
                        .readWrite(0x4, 4, "DATA", () -> 0xfeed_beefL, written::add)
                        .build();
        var capability = PciCapability.builder(0x03, 8).handledBy(registers).build();
        try (var server = TestServer.start();
                var client = serve(server, layout -> layout.capability(0xa0, capability))) {
            client.configSpace().write32(0xa4, 0x1234_5678);

            assertThat(client.configSpace().read32(0xa4)).isEqualTo(0xfeed_beefL);
            assertThat(client.configSpace().read8(0xa0)).isEqualTo(0x03);
            assertThat(written).containsExactly(0x1234_5678L);
            assertThat(client.configSpace().readBytes(0, 4096))
                    .as("read as a whole")
                    .containsSequence(3, 0, 0, 0, 0xef, 0xbe, 0xed, 0xfe, 0, 0);
        }
    }

    private VfioUserClient serve(TestServer server, Addition addition) {
        var layout = DeviceLayout.pci(0x1234, 0x5678).express().capability(PciCapability.express());
        addition.addTo(layout);
        DeviceLayout built = layout.build();
        return VfioUserClient.connect(
                server.serve(
                        "own-config",
                        new Device() {
                            @Override
                            public DeviceLayout layout() {
                                return built;
                            }

                            @Override
                            public Completion reset(ResetReason reason) {
                                resets.add(reason);
                                return Completion.DONE;
                            }
                        }));
    }

    /// What a test adds to the layout.
    private interface Addition {
        void addTo(DeviceLayoutBuilder layout);
    }

    /// Shows another subsystem id, which may not be written; passes all else on.
    private record Patched(RegionHandler framework) implements RegionHandler {
        private static final long SUBSYSTEM = 0x2e;

        @Override
        public Completion read(long offset, MemorySegment into) {
            if (offset != SUBSYSTEM) {
                return framework.read(offset, into);
            }
            LittleEndian.put(into, 0, (int) into.byteSize(), VENDOR_DATA);
            return Completion.DONE;
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            if (offset == SUBSYSTEM) {
                throw new DeviceException(Errno.EPERM, "subsystem id: written (expected: read)");
            }
            return framework.write(offset, from);
        }
    }
}
