package io.vfiouser.device;

import static io.vfiouser.device.LayoutNote.Topic.LARGE_IO_BAR;
import static io.vfiouser.device.LayoutNote.Topic.MAPPABLE_MSIX;
import static io.vfiouser.device.LayoutNote.Topic.MAPPABLE_PORTS;
import static io.vfiouser.device.LayoutNote.Topic.NO_POSTED_WRITES;
import static io.vfiouser.device.LayoutNote.Topic.PREFETCHABLE_32_BIT;
import static io.vfiouser.device.LayoutNote.Topic.SMALL_NVME_BAR;
import static io.vfiouser.device.LayoutNote.Topic.SMALL_VGA_WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.SharedMemory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LayoutNotesTest {
    private final MemoryRegion handler = MemoryRegion.scratch(16);
    private final SharedMemory memory = SharedMemory.create("notes", 0x4000);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void hasNothingToSayOfAnOrdinaryDevice() {
        DeviceLayout layout =
                nvme(0x4000)
                        .bar(2, Bar.io(0x100, handler))
                        .bar(4, Bar.memory64(0x1000, handler).asPrefetchable())
                        .vga(Region.of(0xc0000, handler))
                        .capability(PciCapability.msix(8, 0, 0x2000, 0x3000))
                        .build();
        assertThat(layout.notes()).isEmpty();
    }

    @Test
    void mappingCostsPostedWrites() {
        DeviceLayout layout = pci().bar(1, mappable(0x1000, 0x1000)).build();
        assertThat(layout.notes())
                .containsExactly(
                        new LayoutNote(
                                NO_POSTED_WRITES,
                                "BAR1: mappable, so QEMU waits for the reply to each write to any"
                                        + " BAR of this device (better: only where mapped accesses"
                                        + " are worth it)"));
        assertThat(NO_POSTED_WRITES.isRisk()).isFalse();
    }

    @Test
    void mappedPagesHaveNoMsixTable() {
        DeviceLayout layout =
                pci().bar(0, mappable(0x1000, 0x1000))
                        .capability(PciCapability.msix(4, 0, 0x1fc0, 0x2000))
                        .build();
        assertThat(layout.notes())
                .contains(
                        new LayoutNote(
                                MAPPABLE_MSIX,
                                "BAR0: MSI-X table at 0x1fc0 in the mappable area 0x1000+0x1000"
                                        + " (better: in pages of its own)"));
        assertThat(layout.notes()).hasSize(2);
    }

    @Test
    void mappedPagesHaveNoPendingBits() {
        DeviceLayout layout =
                pci().bar(0, mappable(0x1000, 0x2000))
                        .capability(PciCapability.msix(4, 0, 0xfc0, 0x2ff8))
                        .build();
        assertThat(layout.notes())
                .extracting(LayoutNote::text)
                .contains(
                        "BAR0: MSI-X pending bits at 0x2ff8 in the mappable area 0x1000+0x2000"
                                + " (better: in pages of its own)");
        assertThat(layout.notes()).hasSize(2);
    }

    @Test
    void windowsWantsALargeNvmeBar() {
        assertThat(nvme(0x2000).build().notes())
                .containsExactly(
                        new LayoutNote(
                                SMALL_NVME_BAR,
                                "BAR0: 0x2000 (better: at least 0x4000 for Windows)"));
        assertThat(pci().bar(0, Bar.memory64(0x2000, handler)).build().notes()).isEmpty();
    }

    @Test
    void portsAreFewAndNotMapped() {
        var mapped = MappableMemory.whole(memory);
        DeviceLayout layout = pci().bar(3, Bar.io(0x4000, handler).mappable(mapped)).build();
        assertThat(layout.notes())
                .extracting(LayoutNote::topic)
                .containsExactly(NO_POSTED_WRITES, LARGE_IO_BAR, MAPPABLE_PORTS);
    }

    @Test
    void a32BitBarGainsNothingFromPrefetching() {
        assertThat(pci().bar(0, Bar.memory(0x1000, handler).asPrefetchable()).build().notes())
                .extracting(LayoutNote::topic)
                .containsExactly(PREFETCHABLE_32_BIT);
    }

    @Test
    void qemuWantsAWholeVgaWindow() {
        assertThat(pci().vga(Region.of(0x20000, handler)).build().notes())
                .extracting(LayoutNote::text)
                .containsExactly("VGA: 0x20000 (better: at least 0xc0000, counted from 0)");
        assertThat(SMALL_VGA_WINDOW.isRisk()).isTrue();
    }

    private Bar mappable(long offset, long size) {
        var areas = List.of(new MappableArea(offset, size));
        return Bar.memory(0x4000, handler).mappable(new MappableMemory(memory, 0, areas));
    }

    private DeviceLayoutBuilder nvme(long size) {
        return pci().pciClass(0x01, 0x08, 0x02).bar(0, Bar.memory64(size, handler));
    }

    private static DeviceLayoutBuilder pci() {
        return DeviceLayout.pci(0x1234, 0x5678);
    }
}
