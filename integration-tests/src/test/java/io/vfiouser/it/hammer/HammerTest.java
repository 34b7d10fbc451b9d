package io.vfiouser.it.hammer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.hammer.Hammer;
import io.vfiouser.testkit.hammer.HammerException;
import io.vfiouser.testkit.hammer.HammerOptions;
import io.vfiouser.testkit.hammer.HammerReport;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The hammer against devices of ours, which hold, and against one that breaks.
@ExtendWith(NoDescriptorLeaks.class)
final class HammerTest {
    private static final HammerOptions SHORT =
            HammerOptions.DEFAULTS.withSteps(1500).withHostile(true).withSeed(0x5eed);

    static Stream<Arguments> devices() {
        return Stream.of(
                device("gpio", GpioDevice::new),
                device("edu", () -> new EduDevice(EduSettings.DEFAULTS)),
                device("nvme", () -> NvmeDevice.builder(MemoryBackend.create(1 << 20)).build()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void holds(String name, Supplier<Device> device) throws Exception {
        try (var server = TestServer.start()) {
            Path socket = server.serve(name + "0", device.get());
            HammerReport report = Hammer.run(socket, SHORT);
            assertThat(report.steps()).isEqualTo(1500);
            assertThat(report.blows())
                    .containsKeys("read", "write", "map", "unmap", "reset", "garbage", "vanish");
            assertThat(report.blows())
                    .hasEntrySatisfying("read", reads -> assertThat(reads.done()).isPositive());
            assertThat(report.text()).contains("1,500 blows of seed 0x5eed");
        }
    }

    @Test
    void findsADeviceThatDoesNotAnswer() throws Exception {
        try (var server = TestServer.start()) {
            Path socket = server.serve("stuck0", new StuckDevice());
            var options =
                    HammerOptions.DEFAULTS
                            .withTimeout(Duration.ofMillis(300))
                            .withDuration(Duration.ofSeconds(30));
            assertThatThrownBy(() -> Hammer.run(socket, options))
                    .isInstanceOf(HammerException.class)
                    .hasMessageContaining("of seed 0x1: no answer within 300 ms");
        }
    }

    private static Arguments device(String name, Supplier<Device> device) {
        return Arguments.of(name, device);
    }

    /// Does not answer a write to its register as long as the client is there.
    private static final class StuckDevice implements Device {
        private CompletableFuture<Void> work = new CompletableFuture<>();

        @Override
        public DeviceLayout layout() {
            var registers = RegisterBlock.builder().command(0, 4, "STUCK", _ -> begin()).build();
            return DeviceLayout.pci(0x1234, 1).bar(0, Bar.memory(0x1000, registers)).build();
        }

        private Completion begin() {
            work = new CompletableFuture<>();
            return Completion.after(work);
        }

        @Override
        public Completion quiesce() {
            work.complete(null);
            return Completion.DONE;
        }
    }
}
