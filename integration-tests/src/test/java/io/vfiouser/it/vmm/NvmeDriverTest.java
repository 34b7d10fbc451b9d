package io.vfiouser.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.trace.TraceAssert;
import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestBuffer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A small NVMe driver in plain Java: admin queue, Identify, one I/O queue.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeDriverTest {
    @Test
    void readsWhatItWrote() {
        try (var server = TestServer.start();
                var vmm = FakeVmm.plug(server.serve("nvme", disk()));
                var driver = new NvmeDriver(vmm)) {
            assertThat(driver.serial()).isEqualTo("S1");
            assertThat(driver.blocks()).isEqualTo(2048);
            assertThat(driver.blockSize()).isEqualTo(512);
            GuestBuffer page = vmm.allocate(4096);
            page.segment().fill((byte) 0x5a);
            assertThat(driver.write(16, 8, page)).isZero();
            page.segment().fill((byte) 0);
            assertThat(driver.read(16, 8, page)).isZero();
            assertThat(page.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
            assertThat(driver.read(2047, 2, page))
                    .as("LBA Out of Range, do not retry")
                    .isEqualTo(0x4080);
            assertThat(driver.hostWrites()).isEqualTo(1);
        }
    }

    @Test
    void enablesTheControllerInTheOrderOfTheSpecification() {
        var trace = new TraceRecorder(100);
        try (var server = TestServer.start();
                var vmm = FakeVmm.plug(server.serve("nvme", FilteredDevice.of(disk(), trace)))) {
            var driver = new NvmeDriver(vmm);
            TraceAssert.assertThat(trace)
                    .wrote("BAR0.CC", 0)
                    .read("BAR0.CSTS", 0)
                    .wrote("BAR0.AQA", 0x1f_001f)
                    .wrote("BAR0.CC", 0x46_0001)
                    .read("BAR0.CSTS", 1)
                    .interrupted(IrqIndex.MSIX, 0);
            trace.clear();
            driver.close();
            TraceAssert.assertThat(trace)
                    .wrote("BAR0.CC", 0x46_4001)
                    .read("BAR0.CSTS", 9)
                    .firedNoInterrupt();
        }
    }

    private static NvmeDevice disk() {
        return NvmeDevice.builder(MemoryBackend.create(1 << 20)).serial("S1").build();
    }
}
