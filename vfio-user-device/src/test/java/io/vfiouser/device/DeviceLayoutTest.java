package io.vfiouser.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.SharedMemory;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceLayoutTest {
    private final MemoryRegion handler = MemoryRegion.scratch(16);

    @Test
    void hasTheUsualDefaults() {
        DeviceLayout layout = DeviceLayout.pci(0x1af4, 0x10f0).build();
        assertThat(layout.type().configSpaceSize()).isEqualTo(256);
        assertThat(layout.irqCount(IrqIndex.INTX)).isZero();
        assertThat(layout.irqCount(IrqIndex.ERR)).isEqualTo(1);
        assertThat(layout.irqCount(IrqIndex.REQ)).isEqualTo(1);
    }

    @Test
    void capabilitiesBringTheirInterrupts() {
        DeviceLayout layout =
                DeviceLayout.pci(1, 2)
                        .express()
                        .bar(0, Bar.memory(0x1000, handler))
                        .capability(PciCapability.msix(8, 0, 0x800, 0xc00))
                        .capability(PciCapability.msi(4))
                        .build();
        assertThat(layout.irqCount(IrqIndex.MSIX)).isEqualTo(8);
        assertThat(layout.irqCount(IrqIndex.MSI)).isEqualTo(4);
    }

    @Test
    void refusesAnMsixTableOutsideItsBar() {
        DeviceLayoutBuilder builder =
                DeviceLayout.pci(1, 2)
                        .bar(0, Bar.memory(0x800, handler))
                        .capability(PciCapability.msix(8, 0, 0x7f8, 0));
        assertThatThrownBy(builder::build)
                .hasMessage(
                        "MSI-X table: BAR0 0x7f8+0x80 (expected: inside a memory BAR; this one is"
                                + " MEMORY_32 of 0x800)");
    }

    @Test
    void refusesABarWhereA64BitOneHasItsUpperHalf() {
        DeviceLayoutBuilder builder =
                DeviceLayout.pci(1, 2)
                        .bar(2, Bar.memory64(0x1000, handler))
                        .bar(3, Bar.memory(0x1000, handler));
        assertThatThrownBy(builder::build).hasMessageContaining("BAR2: 64-bit");
    }

    @Test
    void refusesBarSizesThatHardwareCannotHave() {
        assertThatThrownBy(() -> Bar.memory(0x1001, handler))
                .hasMessageContaining("BAR size: 4097 (expected: a power of two");
        assertThatThrownBy(() -> Bar.io(2, handler)).hasMessageContaining("at least 4");
        assertThatThrownBy(() -> Bar.memory(1L << 32, handler)).hasMessageContaining("2 GiB");
    }

    @Test
    void refusesTheSameCapabilityTwice() {
        DeviceLayoutBuilder builder =
                DeviceLayout.pci(1, 2)
                        .capability(PciCapability.powerManagement())
                        .capability(PciCapability.powerManagement());
        assertThatThrownBy(builder::build).hasMessage("capability 0x01: 2 times (expected: once)");
    }

    @Test
    void keepsTheRegistersOfALegacyMigrationRegionUnmappable() {
        DeviceLayoutBuilder builder = DeviceLayout.pci(1, 2);
        assertThatThrownBy(() -> builder.legacyMigration(Region.of(0xfff, handler)))
                .hasMessage(
                        "migration region: 0xfff bytes (expected: at least 0x1000, the first 0x1000"
                                + " not mappable)");
        try (SharedMemory memory = SharedMemory.create("layout", 0x3000)) {
            Region whole = Region.of(0x3000, handler).mappable(MappableMemory.whole(memory));
            assertThatThrownBy(() -> builder.legacyMigration(whole))
                    .hasMessageContaining("0x3000 bytes, mappable from its start (expected:");
            var data = new MappableMemory(memory, 0, List.of(new MappableArea(0x1000, 0x2000)));
            Region allowed = Region.of(0x3000, handler).mappable(data);
            assertThat(builder.legacyMigration(allowed).build().legacyMigration())
                    .contains(allowed);
        }
    }
}
