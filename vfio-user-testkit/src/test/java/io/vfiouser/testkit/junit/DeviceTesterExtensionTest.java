package io.vfiouser.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.DeviceTester;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DeviceTesterExtensionTest {
    @RegisterExtension
    static final DeviceTesterExtension DEVICE = DeviceTesterExtension.of(Latch::new);

    private static final class Latch implements Device {
        private long value;

        @Override
        public DeviceLayout layout() {
            RegisterBlock registers =
                    RegisterBlock.builder()
                            .readWrite(0, 4, "LATCH", () -> value, this::set)
                            .build();
            return DeviceLayout.pci(1, 2).bar(0, Bar.memory(0x1000, registers)).build();
        }

        private void set(long wanted) {
            if (wanted == 9) {
                throw new DeviceException(Errno.ENOSPC, "LATCH: 9 (expected: another)");
            }
            value = wanted;
        }
    }

    @Test
    void accessesAreToldByRegisterName(DeviceTester tester) {
        tester.write("LATCH", 7);
        tester.read("LATCH");
        assertThatThrownBy(() -> tester.write("LATCH", 9)).isInstanceOf(DeviceException.class);
        assertThat(DeviceTesterExtension.lines(tester))
                .isEqualTo(
                        """
                        write BAR0.LATCH = 0x00000007
                        read BAR0.LATCH = 0x00000007
                        write BAR0.LATCH: ENOSPC\
                        """);
    }

    @Test
    void onlyTheLastAreKept(DeviceTester tester) {
        for (int i = 100; i < 200; i++) {
            tester.write("LATCH", i);
        }
        assertThat(tester.lastAccesses()).hasSize(50);
        assertThat(tester.lastAccesses().getFirst().value()).isEqualTo(150);
    }
}
