package io.vfiouser.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.testkit.junit.Served;
import io.vfiouser.testkit.junit.VfioUserServerExtension;
import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestBuffer;
import io.vfiouser.testkit.vmm.GuestInterrupt;
import io.vfiouser.testkit.vmm.PciBar;
import io.vfiouser.testkit.vmm.PciFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The machine without a processor: what it finds, places and enables.
final class FakeVmmTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int COMMAND = 4;

    private final ProbeDevice probe = new ProbeDevice();

    @RegisterExtension
    final VfioUserServerExtension server =
            VfioUserServerExtension.serving("probe", () -> probe)
                    .and("wide", WideDevice::new)
                    .and("halves", HalvesDevice::new)
                    .and("other-halves", HalvesDevice::new);

    @Test
    void placesEachBarAtAMultipleOfItsSize(@Served("wide") Path socket) {
        try (var vmm = FakeVmm.plug(socket)) {
            assertThat(vmm.function().bars())
                    .extracting(PciBar::toString)
                    .containsExactly(
                            "BAR0 memory 0x8000000000+0x4000",
                            "BAR2 ports 0xc000+0x20",
                            "BAR3 memory 0xe0000000+0x1000",
                            "BAR4 memory 0x8000100000+0x100000");
            assertThatThrownBy(() -> vmm.function().bar(1))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("BAR1 (expected: one of [BAR0 memory");
        }
    }

    @Test
    void decodingAndBusMasteringAreOffUntilTheDriverEnablesThem(@Served("wide") Path socket) {
        try (var vmm = FakeVmm.plug(socket)) {
            PciFunction function = vmm.function();
            assertThat(function.readConfig(COMMAND, 2)).isZero();
            function.enable();
            assertThat(function.readConfig(COMMAND, 2)).isEqualTo(0b111);
            function.disable();
            assertThat(function.readConfig(COMMAND, 2)).isZero();
        }
    }

    @Test
    void tellsWhoTheDeviceIs(@Served("probe") Path socket) {
        try (var vmm = FakeVmm.plug(socket)) {
            PciFunction function = vmm.function();
            assertThat(function.vendor()).isEqualTo(0x1234);
            assertThat(function.device()).isEqualTo(0x5678);
            assertThat(function.capability(0x11)).isPresent();
            assertThat(function.capability(0x77)).isEmpty();
            function.bar(0).write32(0, 0x1234_5678);
            assertThat(function.bar(0).read32(0)).isEqualTo(0x1234_5678);
        }
    }

    @Test
    void everyKindOfInterruptComes(@Served("probe") Path socket) {
        try (var vmm = FakeVmm.plug(socket)) {
            PciFunction function = vmm.function();
            function.enable();
            for (int vector = 0; vector < 4; vector++) {
                fires(function.enableMsix(4), vector, function);
                fires(function.enableMsi(4), vector, function);
            }
            fires(List.of(function.enableIntx()), 0, function);
            function.disableInterrupts();
            assertThatThrownBy(() -> function.enableMsi(8))
                    .hasMessage("MSI: 8 vectors (expected: 1 to 4)");
        }
    }

    @Test
    void aMaskedVectorFiresWhenItIsUnmasked(@Served("probe") Path socket) {
        try (var vmm = FakeVmm.plug(socket)) {
            PciFunction function = vmm.function();
            function.enable();
            GuestInterrupt second = function.enableMsix(2).get(1);
            second.mask();
            trigger(function, 1);
            assertThat(second.take()).isZero();
            second.unmask();
            assertThat(second.await(SOON)).isEqualTo(1);
        }
    }

    @Test
    void driverAndDeviceShareItsMemory(@Served("probe") Path socket) {
        try (var vmm = FakeVmm.plug(socket, 2 << 20)) {
            vmm.function().enable();
            GuestBuffer buffer = vmm.allocate(5000);
            assertThat(buffer.size()).isEqualTo(8192);
            probe.command =
                    () -> {
                        var bytes = MemorySegment.ofArray(new byte[] {1, 2, 3});
                        return probe.context.memory().write(buffer.iova() + 4097, bytes);
                    };
            vmm.function().bar(0).write32(4, 1);
            assertThat(buffer.segment().asSlice(4097, 3).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 2, 3);
            assertThatThrownBy(() -> vmm.allocate(1 << 20))
                    .hasMessage(
                            "size: 1048576, memory: 2097152 (expected: 1 to 1040384, which are"
                                    + " left)");
        }
    }

    @Test
    void theDeviceMovesBelowItsDriver(
            @Served("halves") Path here, @Served("other-halves") Path there) {
        try (var vmm = FakeVmm.plug(here)) {
            vmm.function().enable();
            PciBar bar = vmm.function().bar(0);
            bar.write32(0x10, 0x1111);
            bar.write32(0x7_0000, 0x2222);
            long address = bar.address();

            assertThat(vmm.migrate(there)).isPositive();

            assertThat(bar.read32(0x10)).isEqualTo(0x1111);
            assertThat(bar.read32(0x7_0000)).isEqualTo(0x2222);
            assertThat(vmm.function().readConfig(0x10, 4)).isEqualTo(address);
            assertThat(vmm.function().readConfig(COMMAND, 2)).isEqualTo(0b110);
        }
    }

    @Test
    void aRefusedMigrationLeavesTheDeviceWhereItWas(
            @Served("halves") Path here, @Served("wide") Path there) {
        try (var vmm = FakeVmm.plug(here)) {
            vmm.function().enable();
            vmm.function().bar(0).write32(0, 77);
            assertThatThrownBy(() -> vmm.migrate(there)).isInstanceOf(RemoteErrorException.class);
            assertThat(vmm.function().bar(0).read32(0)).isEqualTo(77);
        }
    }

    private void fires(List<GuestInterrupt> interrupts, int vector, PciFunction function) {
        trigger(function, vector);
        assertThat(interrupts.get(vector).await(SOON))
                .as(interrupts.get(vector).toString())
                .isEqualTo(1);
        for (GuestInterrupt other : interrupts) {
            assertThat(other.take()).as(other.toString()).isZero();
        }
    }

    private void trigger(PciFunction function, int vector) {
        probe.command =
                () -> {
                    probe.context.interrupt(vector).trigger();
                    return Completion.DONE;
                };
        function.bar(0).write32(4, 1);
    }

    /// BARs of all kinds.
    private static final class WideDevice implements Device {
        @Override
        public DeviceLayout layout() {
            return DeviceLayout.pci(0x1234, 0x0001)
                    .bar(0, Bar.memory64(0x4000, MemoryRegion.scratch(0x4000)))
                    .bar(2, Bar.io(0x20, MemoryRegion.scratch(0x20)))
                    .bar(3, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)))
                    .bar(4, Bar.memory64(0x10_0000, MemoryRegion.scratch(0x10_0000)))
                    .build();
        }
    }
}
