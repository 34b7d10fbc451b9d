package io.vfiouser.device.pci;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A capability of the extended list, which starts at 0x100 and which devices of the types
/// [PciType#EXPRESS] and [PciType#PCI_X_2] have (PCI Express Base Specification 3.0, section 7.9).
public sealed interface ExtendedCapability extends PciCapability {
    /// The version of the capability's structure, 1 to 15.
    int version();

    @Override
    default boolean isExtended() {
        return true;
    }

    /// Device serial number (id 0x0003).
    ///
    /// @param serial an EUI-64; its upper half is the register at offset 8
    record DeviceSerialNumber(long serial) implements ExtendedCapability {
        @Override
        public int id() {
            return 0x0003;
        }

        @Override
        public int size() {
            return 12;
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "DeviceSerialNumber[serial=0x%016x]", serial);
        }
    }

    /// Vendor-specific extended capability (VSEC, id 0x000b): bytes that the client may read, and
    /// write if they are not read-only. A function may have several.
    ///
    /// @param vsecId what the vendor calls it, 0 to 0xffff
    /// @param revision of the vendor's structure, 0 to 15
    /// @param data what follows the 8-byte header, 1 to 3832 bytes
    /// @param readOnly whether writes are ignored
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by content
    record VendorSpecific(int vsecId, int revision, byte[] data, boolean readOnly)
            implements ExtendedCapability {
        /// Copies the data.
        public VendorSpecific {
            if (vsecId < 0 || vsecId > 0xffff || revision < 0 || revision > 15) {
                throw new IllegalArgumentException(
                        "VSEC id: 0x"
                                + Integer.toHexString(vsecId)
                                + ", revision: "
                                + revision
                                + " (expected: 0 to 0xffff, 0 to 15)");
            }
            if (data.length < 1 || data.length > 3832) {
                throw new IllegalArgumentException(
                        "VSEC data: " + data.length + " bytes (expected: 1 to 3832)");
            }
            data = data.clone();
        }

        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public int id() {
            return 0x000b;
        }

        @Override
        public int size() {
            return 8 + data.length;
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other
                            instanceof
                            VendorSpecific(
                                    int otherId,
                                    int otherRevision,
                                    byte[] otherData,
                                    boolean otherReadOnly)
                    && vsecId == otherId
                    && revision == otherRevision
                    && readOnly == otherReadOnly
                    && Arrays.equals(data, otherData);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * Arrays.hashCode(data) + vsecId) + revision;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "VendorSpecific[vsecId=0x%04x, revision=%d, data=%s, readOnly=%b]",
                    vsecId,
                    revision,
                    HexFormat.of().formatHex(data),
                    readOnly);
        }
    }

    /// Advanced error reporting of an endpoint (id 0x0001), without ECRC. The device reports an
    /// error by setting status bits with [ConfigSpace#write]; clients clear them.
    record AdvancedErrorReporting() implements ExtendedCapability {
        @Override
        public int id() {
            return 0x0001;
        }

        @Override
        public int size() {
            return 0x48;
        }

        @Override
        public int version() {
            return 2;
        }
    }
}
