package io.vfiouser.device;

import java.util.Objects;

/// Something in a layout that works, but costs more or works with fewer clients than its author may
/// think; see [DeviceLayout#notes()].
///
/// @param topic what it is about
/// @param text one line: where, what, and what would be better
public record LayoutNote(Topic topic, String text) {
    /// What a note can be about.
    public enum Topic {
        /// A client can map a part of the device, so QEMU waits for each write to any BAR of it.
        NO_POSTED_WRITES(false),
        /// A client that maps an area writes to the MSI-X table or reads the pending bits there,
        /// which the framework keeps elsewhere.
        MAPPABLE_MSIX(true),
        /// I/O ports cannot be mapped into a guest.
        MAPPABLE_PORTS(true),
        /// Windows does not start an NVMe controller whose BAR0 is smaller than 16 KiB.
        SMALL_NVME_BAR(true),
        /// PCI allows 256 bytes for an I/O BAR; firmware may find no place for more.
        LARGE_IO_BAR(true),
        /// Bridges have windows for prefetchable memory in 64-bit form; a 32-bit BAR gains nothing.
        PREFETCHABLE_32_BIT(false),
        /// QEMU takes a VGA window only if it reaches to 0xbffff.
        SMALL_VGA_WINDOW(true);

        private final boolean risk;

        Topic(boolean risk) {
            this.risk = risk;
        }

        /// Whether some client or guest may not work with the device; else it is only a cost.
        public boolean isRisk() {
            return risk;
        }
    }

    /// Checks the fields.
    public LayoutNote {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(text, "text");
    }
}
