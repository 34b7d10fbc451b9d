package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Commands that arrive in one read do not all run in one turn of the loop.
@ExtendWith(NoDescriptorLeaks.class)
class TurnTimeTest {
    private static final int WRITES = 600;
    private static final int WRITE_NANOS = 1_000_000;

    @Test
    void othersAreServedBetweenCommandsThatCameTogether() {
        var slow = new SlowDevice();
        try (var server = TestServer.start();
                var flood = RawConnection.connect(server.serve("slow", slow));
                var other = VfioUserClient.connect(server.serve("other", new SlowDevice()))) {
            flood.negotiate();
            byte[] writes = Wire.repeated(Wire.posted(0, 0, new byte[4]), WRITES);
            byte[] last = Wire.read(77, 0, 4, 4);
            flood.send(writes);
            flood.send(last);
            for (int i = 0; i < 10; i++) {
                other.write(0, 0x100, 4, i);
                assertThat(other.read(0, 0x100, 4)).isEqualTo(i);
            }
            assertThat(slow.writes.get()).isLessThan(WRITES);
            try (var reply = flood.receive()) {
                assertThat(reply.header().messageId()).isEqualTo(77);
                assertThat(reply.bytes().getIntLE(32)).isEqualTo(WRITES);
            }
        }
    }

    /// A device whose writes take a millisecond each, as if it did too much in its callbacks.
    private static final class SlowDevice implements Device {
        private final AtomicInteger writes = new AtomicInteger();

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder()
                            .writeOnly(0, 4, "SLOW", _ -> write())
                            .readOnly(4, 4, "WRITES", writes::get)
                            .elsewhere(MemoryRegion.scratch(0x1000))
                            .build();
            return DeviceLayout.pci(0x1af4, 0x10f7).bar(0, Bar.memory(0x1000, registers)).build();
        }

        private void write() {
            LockSupport.parkNanos(WRITE_NANOS);
            writes.incrementAndGet();
        }
    }
}
