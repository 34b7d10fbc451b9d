package io.vfiouser.device;

import io.vfiouser.device.LayoutNote.Topic;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciClass;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Looks through a layout for what is worth a [LayoutNote].
final class LayoutNotes {
    private static final PciClass NVME = new PciClass(0x01, 0x08, 0x02);
    private static final int NVME_BAR = 0;
    private static final long NVME_BAR_SIZE = 16 << 10;
    private static final long MAX_PORTS = 256;
    private static final long VGA_WINDOW_END = 0xc0000;

    private final DeviceLayout layout;
    private final List<LayoutNote> notes = new ArrayList<>();

    private LayoutNotes(DeviceLayout layout) {
        this.layout = layout;
    }

    static List<LayoutNote> of(DeviceLayout layout) {
        var notes = new LayoutNotes(layout);
        new TreeMap<>(layout.bars()).forEach(notes::lookAtBar);
        layout.rom().ifPresent(rom -> notes.lookAtMapping("ROM", rom));
        layout.vga().ifPresent(notes::lookAtVga);
        return List.copyOf(notes.notes);
    }

    private void lookAtBar(int index, Bar bar) {
        String name = "BAR" + index;
        Region region = bar.region();
        lookAtMapping(name, region);
        lookAtMsix(index, region);
        if (bar.kind() == Bar.Kind.IO) {
            lookAtPorts(name, region);
        }
        if (bar.prefetchable() && bar.kind() == Bar.Kind.MEMORY_32) {
            note(
                    Topic.PREFETCHABLE_32_BIT,
                    name + ": prefetchable and 32-bit (better: 64-bit, or not prefetchable)");
        }
        if (index == NVME_BAR && region.size() < NVME_BAR_SIZE && layout.pciClass().equals(NVME)) {
            note(
                    Topic.SMALL_NVME_BAR,
                    name + ": " + hex(region.size()) + " (better: at least 0x4000 for Windows)");
        }
    }

    private void lookAtMapping(String name, Region region) {
        if (region.mappable().isPresent()) {
            note(
                    Topic.NO_POSTED_WRITES,
                    name
                            + ": mappable, so QEMU waits for the reply to each write to any BAR of"
                            + " this device (better: only where mapped accesses are worth it)");
        }
    }

    private void lookAtPorts(String name, Region region) {
        if (region.size() > MAX_PORTS) {
            note(
                    Topic.LARGE_IO_BAR,
                    name + ": " + region.size() + " I/O ports (better: at most 256)");
        }
        if (region.mappable().isPresent()) {
            note(Topic.MAPPABLE_PORTS, name + ": mappable I/O ports (better: a memory BAR)");
        }
    }

    private void lookAtMsix(int bar, Region region) {
        if (region.mappable().isEmpty()) {
            return;
        }
        List<MappableArea> areas = region.mappable().get().areas();
        layout.capability(PciCapability.MsiX.class)
                .ifPresent(msix -> {
                    if (msix.tableBar() == bar) {
                        lookAt(areas, bar, "table", msix.tableOffset(), msix.tableSize());
                    }
                    if (msix.pendingBar() == bar) {
                        lookAt(
                                areas,
                                bar,
                                "pending bits",
                                msix.pendingOffset(),
                                msix.pendingSize());
                    }
                });
    }

    private void lookAt(List<MappableArea> areas, int bar, String what, long offset, long size) {
        for (MappableArea area : areas) {
            if (offset < area.end() && offset + size > area.offset()) {
                note(
                        Topic.MAPPABLE_MSIX,
                        "BAR%d: MSI-X %s at %s in the mappable area %s+%s (better: in pages of its own)"
                                .formatted(
                                        bar,
                                        what,
                                        hex(offset),
                                        hex(area.offset()),
                                        hex(area.size())));
            }
        }
    }

    private void lookAtVga(Region vga) {
        lookAtMapping("VGA", vga);
        if (vga.size() < VGA_WINDOW_END) {
            note(
                    Topic.SMALL_VGA_WINDOW,
                    "VGA: " + hex(vga.size()) + " (better: at least 0xc0000, counted from 0)");
        }
    }

    private void note(Topic topic, String text) {
        notes.add(new LayoutNote(topic, text));
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
