package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A device that does not fill what it is asked for shows its client zeros, never what the buffers
/// held for somebody else.
@ExtendWith(NoDescriptorLeaks.class)
class OldBytesTest {
    private static final int BAR = 0;
    private static final int SIZE = 1 << 20;
    private static final byte SECRET = 0x5a;
    private static final int ROUNDS = 20;

    /// Answers reads with one byte again and again, or not at all.
    private record ReadDevice(boolean fills, boolean later) implements Device {
        @Override
        public DeviceLayout layout() {
            var handler =
                    new RegionHandler() {
                        @Override
                        public Completion read(long offset, MemorySegment into) {
                            if (fills) {
                                into.fill(SECRET);
                            }
                            return later
                                    ? Completion.after(CompletableFuture.runAsync(() -> {}))
                                    : Completion.DONE;
                        }

                        @Override
                        public Completion write(long offset, MemorySegment from) {
                            return Completion.DONE;
                        }
                    };
            return DeviceLayout.pci(0x1af4, 0x10f2).bar(BAR, Bar.memory(SIZE, handler)).build();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 65, 200, 4096, 9000, 100_000, SIZE})
    void anEmptyAnswerIsZeros(int count) {
        assertZeros(new ReadDevice(false, false), count);
    }

    @Test
    void anEmptyAnswerThatComesLaterIsZeros() {
        assertZeros(new ReadDevice(false, true), 4096);
    }

    private static void assertZeros(Device lazy, int count) {
        try (var server = TestServer.start();
                var tenant =
                        VfioUserClient.connect(server.serve("full", new ReadDevice(true, false)));
                var spy = VfioUserClient.connect(server.serve("lazy", lazy))) {
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(tenant.readBytes(BAR, 0, count)).containsOnly(SECRET);
                assertThat(spy.readBytes(BAR, 0, count)).containsOnly(0);
            }
        }
    }
}
