package io.vfiouser.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.trace.TraceAssert;
import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.PciBar;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A driver for the gpio device in plain Java.
@ExtendWith(NoDescriptorLeaks.class)
final class GpioDriverTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @Test
    void drivesOutputsAndHearsOfChanges() {
        var trace = new TraceRecorder(50);
        try (var server = TestServer.start();
                var vmm =
                        FakeVmm.plug(
                                server.serve("gpio", FilteredDevice.of(new GpioDevice(), trace)));
                var driver = new GpioDriver(vmm)) {
            driver.drive(0xa5);
            assertThat(driver.awaitChange(SOON)).isTrue();
            assertThat(driver.inputs()).isEqualTo(0xa5);
            driver.drive(0xa5);
            assertThat(driver.awaitChange(Duration.ZERO)).as("nothing changed").isFalse();

            TraceAssert.assertThat(trace)
                    .wrote("BAR2.OUT0_7", 0xa5)
                    .interrupted(IrqIndex.INTX, 0)
                    .wrote("BAR2.IN0_7", 0xff)
                    .read("BAR2.IN0_7", 0xa5)
                    .wrote("BAR2.OUT0_7", 0xa5)
                    .reachedNoMemory();
        }
    }

    @Test
    void findsThePortsWhereFirmwareHasPlacedThem() {
        try (var server = TestServer.start();
                var vmm = FakeVmm.plug(server.serve("gpio", new GpioDevice()))) {
            PciBar ports = vmm.function().bar(2);
            assertThat(ports).hasToString("BAR2 ports 0xc000+0x100");
            assertThat(vmm.function().readConfig(0x18, 4)).isEqualTo(0xc001);
            assertThat(vmm.function().bars()).containsExactly(ports);
        }
    }

    @Test
    void aDriverForAnotherDeviceSaysSo() {
        var disk = NvmeDevice.builder(MemoryBackend.create(1 << 20)).build();
        try (var server = TestServer.start();
                var vmm = FakeVmm.plug(server.serve("nvme", disk))) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> new GpioDriver(vmm))
                    .withMessage("device: 1af4:10f1 (expected: 494f:0dc8)");
        }
    }
}
