package io.vfiouser.device.pci;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A capability of the config space's list (PCI Local Bus Specification 3.0, section 6.7), or of
/// the extended list from 0x100 on ([ExtendedCapability]). What has no type of its own here is made
/// with [#builder(int, int)] or [#extendedBuilder(int, int, int)].
public sealed interface PciCapability
        permits PciCapability.PowerManagement,
                PciCapability.Msi,
                PciCapability.MsiX,
                PciCapability.Express,
                PciCapability.Vendor,
                ExtendedCapability,
                CustomCapability {
    /// The capability id: 0 to 0xff, or to 0xffff of an extended capability.
    int id();

    /// Bytes in config space, header included.
    int size();

    /// Whether it belongs to the extended list, which only 4096 bytes of config space have.
    default boolean isExtended() {
        return false;
    }

    /// Power management (id 0x01): D0 and D3hot.
    ///
    /// @param noSoftReset whether the device keeps its state from D3hot to D0
    record PowerManagement(boolean noSoftReset) implements PciCapability {
        @Override
        public int id() {
            return 0x01;
        }

        @Override
        public int size() {
            return 8;
        }
    }

    /// Message signalled interrupts (id 0x05).
    ///
    /// @param vectors a power of two, 1 to 32
    /// @param addresses64 whether 64-bit message addresses are possible
    /// @param perVectorMasking whether mask and pending bits exist
    record Msi(int vectors, boolean addresses64, boolean perVectorMasking)
            implements PciCapability {
        /// Checks the number of vectors.
        public Msi {
            if (Integer.bitCount(vectors) != 1 || vectors > 32) {
                throw new IllegalArgumentException(
                        "MSI vectors: " + vectors + " (expected: 1, 2, 4, 8, 16 or 32)");
            }
        }

        @Override
        public int id() {
            return 0x05;
        }

        @Override
        public int size() {
            return (addresses64 ? 0xc : 8) + (perVectorMasking ? 12 : 2);
        }
    }

    /// Extended message signalled interrupts (id 0x11). The framework keeps the table and the
    /// pending bits: the device's handlers do not see accesses to them.
    ///
    /// @param vectors 1 to 2048
    /// @param tableBar BAR of the table, 0 to 5
    /// @param tableOffset where the table of `16 * vectors` bytes starts; a multiple of 8
    /// @param pendingBar BAR of the pending bits, 0 to 5
    /// @param pendingOffset where the pending bits start; a multiple of 8
    record MsiX(int vectors, int tableBar, long tableOffset, int pendingBar, long pendingOffset)
            implements PciCapability {
        /// Checks the fields, except against the BARs.
        public MsiX {
            if (vectors < 1 || vectors > 2048) {
                throw new IllegalArgumentException(
                        "MSI-X vectors: " + vectors + " (expected: 1 to 2048)");
            }
            checkPlace("table", tableBar, tableOffset);
            checkPlace("pending bits", pendingBar, pendingOffset);
            if (tableBar == pendingBar
                    && tableOffset < pendingOffset + pendingSize(vectors)
                    && pendingOffset < tableOffset + 16L * vectors) {
                throw new IllegalArgumentException(
                        "MSI-X table at 0x"
                                + Long.toHexString(tableOffset)
                                + " and pending bits at 0x"
                                + Long.toHexString(pendingOffset)
                                + " of BAR"
                                + tableBar
                                + " (expected: no overlap)");
            }
        }

        @Override
        public int id() {
            return 0x11;
        }

        @Override
        public int size() {
            return 12;
        }

        /// Bytes of the table.
        public int tableSize() {
            return 16 * vectors;
        }

        /// Bytes of the pending bit array, a multiple of 8.
        public int pendingSize() {
            return pendingSize(vectors);
        }

        private static int pendingSize(int vectors) {
            return (vectors + 63) / 64 * 8;
        }

        private static void checkPlace(String what, int bar, long offset) {
            if (bar < 0 || bar > 5 || offset < 0 || offset % 8 != 0 || offset > 0xffff_fff8L) {
                throw new IllegalArgumentException(
                        "MSI-X "
                                + what
                                + ": BAR"
                                + bar
                                + " + 0x"
                                + Long.toHexString(offset)
                                + " (expected: BAR0 to BAR5, a multiple of 8 below 4 GiB)");
            }
        }
    }

    /// PCI Express endpoint, version 2 (id 0x10).
    ///
    /// @param functionLevelReset whether the device can be reset on its own (FLR)
    record Express(boolean functionLevelReset) implements PciCapability {
        @Override
        public int id() {
            return 0x10;
        }

        @Override
        public int size() {
            return 60;
        }
    }

    /// Vendor-specific (id 0x09): bytes that the client may read, and write if they are not
    /// read-only.
    ///
    /// @param data what follows the 3-byte header, 1 to 252 bytes
    /// @param readOnly whether writes are ignored
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by content
    record Vendor(byte[] data, boolean readOnly) implements PciCapability {
        /// Copies the data.
        public Vendor {
            if (data.length < 1 || data.length > 252) {
                throw new IllegalArgumentException(
                        "vendor capability data: " + data.length + " bytes (expected: 1 to 252)");
            }
            data = data.clone();
        }

        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public int id() {
            return 0x09;
        }

        @Override
        public int size() {
            return 3 + data.length;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Vendor(byte[] otherData, boolean otherReadOnly)
                    && readOnly == otherReadOnly
                    && Arrays.equals(data, otherData);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + Boolean.hashCode(readOnly);
        }

        @Override
        public String toString() {
            return "Vendor[data=" + HexFormat.of().formatHex(data) + ", readOnly=" + readOnly + "]";
        }
    }

    /// Power management without soft reset.
    static PciCapability powerManagement() {
        return new PowerManagement(true);
    }

    /// Vendor-specific bytes that the client may read and not write.
    ///
    /// @param data what follows the 3-byte header, 1 to 252 bytes
    static PciCapability vendor(byte... data) {
        return new Vendor(data, true);
    }

    /// A PCI Express endpoint that supports FLR.
    static PciCapability express() {
        return new Express(true);
    }

    /// MSI with 64-bit addresses and per-vector masking.
    static PciCapability msi(int vectors) {
        return new Msi(vectors, true, true);
    }

    /// MSI-X with table and pending bits in one BAR.
    static PciCapability msix(int vectors, int bar, long tableOffset, long pendingOffset) {
        return new MsiX(vectors, bar, tableOffset, bar, pendingOffset);
    }

    /// A device serial number.
    ///
    /// @param serial an EUI-64; its upper half is the register at offset 8
    static PciCapability serialNumber(long serial) {
        return new ExtendedCapability.DeviceSerialNumber(serial);
    }

    /// Advanced error reporting, for PCI Express devices.
    static PciCapability advancedErrorReporting() {
        return new ExtendedCapability.AdvancedErrorReporting();
    }

    /// Starts a capability that is described register by register.
    ///
    /// @param id 1 to 0xff, but for 0x04 (slot numbering, of bridges), 0x05 and 0x11 (MSI, MSI-X:
    ///   they have types of their own)
    /// @param size bytes, header included; 2 to 192
    static CapabilityBuilder builder(int id, int size) {
        return CapabilityBuilder.standard(id, size);
    }

    /// Starts an extended capability that is described register by register.
    ///
    /// @param id 1 to 0xfffe
    /// @param version 1 to 15
    /// @param size bytes, header included; a multiple of 4, 4 to 3840
    static CapabilityBuilder extendedBuilder(int id, int version, int size) {
        return CapabilityBuilder.extended(id, version, size);
    }
}
