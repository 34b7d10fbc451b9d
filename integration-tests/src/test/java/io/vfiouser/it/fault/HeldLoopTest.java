package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A device that blocks its loop is named, with what it does.
@ExtendWith(NoDescriptorLeaks.class)
class HeldLoopTest {
    private static final Duration LIMIT = Duration.ofMillis(20);
    private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE);
    private static final String EVENT = "io.vfiouser.LoopHeld";
    private static final int PATIENCE_SECONDS = 30;

    private final CountDownLatch seen = new CountDownLatch(1);
    private final CompletableFuture<Report> report = new CompletableFuture<>();

    private record Report(String device, Duration held, List<StackTraceElement> stack) {}

    private final ServerListener listener =
            new ServerListener() {
                @Override
                public void loopHeld(String device, Duration held, List<StackTraceElement> stack) {
                    // On a busy machine the first client's VERSION may take as long.
                    if (stack.stream().anyMatch(HeldLoopTest::isBlock)) {
                        report.complete(new Report(device, held, stack));
                        seen.countDown();
                    }
                }
            };

    /// Its register holds the loop until somebody has noticed.
    private final class BlockingDevice implements Device {
        @Override
        public DeviceLayout layout() {
            var registers = RegisterBlock.builder().writeOnly(0, 4, "BLOCK", this::block).build();
            return DeviceLayout.pci(0x1af4, 0x10f0).bar(0, Bar.memory(0x100, registers)).build();
        }

        private void block(long value) {
            try {
                assertThat(seen.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void namesTheDeviceAndItsStack(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("recording.jfr");
        try (var recording = new Recording();
                var server = TestServer.start(limited(LIMIT).withListener(listener));
                var client =
                        VfioUserClient.connect(server.serve("blocking", new BlockingDevice()))) {
            recording.enable(EVENT);
            recording.start();
            client.write(0, 0, 4, 1);

            Report held = report.join();
            assertThat(held.device()).isEqualTo("blocking");
            assertThat(held.held()).isGreaterThanOrEqualTo(LIMIT);
            assertThat(held.stack()).anyMatch(HeldLoopTest::isBlock);
            ServedDevice served = server.server().device("blocking").orElseThrow();
            assertThat(served.stats().loopHeld()).isPositive();
            recording.stop();
            recording.dump(file);
        }
        assertRecorded(file);
    }

    private static boolean isBlock(StackTraceElement call) {
        return call.getClassName().equals(BlockingDevice.class.getName())
                && call.getMethodName().equals("block");
    }

    private static void assertRecorded(Path file) throws IOException {
        assertThat(RecordingFile.readAllEvents(file))
                .filteredOn(event -> event.getEventType().getName().equals(EVENT))
                .anySatisfy(event -> {
                    assertThat(event.getString("device")).isEqualTo("blocking");
                    assertThat(event.getString("stack")).contains("BlockingDevice.block");
                });
    }

    private static ServerOptions limited(Duration limit) {
        var limits = Limits.defaults().with(Limit.CALLBACK_TIME, limit.toNanos());
        return ServerOptions.defaults().withService(ServiceOptions.defaults().withLimits(limits));
    }

    @Test
    void canBeOff() {
        try (var server = TestServer.start(limited(NEVER))) {
            assertThat(server.server().devices()).isEmpty();
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread ->
                            thread.isAlive() && thread.getName().equals("vfio-user-watchdog"));
        }
    }
}
