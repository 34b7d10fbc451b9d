package io.vfiouser.device.pci;

import io.vfiouser.device.region.RegionHandler;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// Describes a capability register by register; what is not described reads 0 and ignores writes.
/// Offsets count from the start of the capability, as in the specifications' tables; its header (2
/// bytes, 4 of an extended capability) is the framework's. Values are little-endian.
///
/// ```java
/// // Vital product data (id 3): the address is written, bit 15 says that data is there
/// PciCapability.builder(0x03, 8).field(2, 2, 0, 0xffff).field(4, 4, 0, 0xffff_ffffL).build()
/// ```
///
/// Instead of bits that the framework keeps, [#handledBy] names a handler of the device that
/// answers every access behind the header.
public final class CapabilityBuilder {
    private static final int SLOT_NUMBERING = 0x04;
    private static final int MSI = 0x05;
    private static final int VENDOR = 0x09;
    private static final int MSIX = 0x11;
    private static final int VENDOR_EXTENDED = 0x000b;

    private final boolean extended;
    private final int id;
    private final int version;
    private final byte[] initial;
    private final byte[] writable;
    private final byte[] clearedByOne;
    private boolean described;
    private Optional<RegionHandler> handler = Optional.empty();

    private CapabilityBuilder(boolean extended, int id, int version, int size) {
        this.extended = extended;
        this.id = id;
        this.version = version;
        initial = new byte[size];
        writable = new byte[size];
        clearedByOne = new byte[size];
    }

    static CapabilityBuilder standard(int id, int size) {
        if (id < 1 || id > 0xff) {
            throw new IllegalArgumentException(
                    hex("capability id: 0x%02x (expected: 1 to 0xff)", id));
        }
        switch (id) {
            case SLOT_NUMBERING ->
                    throw new IllegalArgumentException(
                            "capability 0x04: slot numbering (expected: a capability of an"
                                    + " endpoint; slots are for bridges to other chassis)");
            case MSI ->
                    throw new IllegalArgumentException(
                            "capability 0x05: MSI (expected: PciCapability.msi, which brings its"
                                    + " interrupts)");
            case MSIX ->
                    throw new IllegalArgumentException(
                            "capability 0x11: MSI-X (expected: PciCapability.msix, which brings its"
                                    + " interrupts and their table)");
            default -> {}
        }
        if (size < headerSize(false) || size > 192) {
            throw new IllegalArgumentException(
                    hex("capability 0x%02x: ", id) + size + " bytes (expected: 2 to 192)");
        }
        return new CapabilityBuilder(false, id, 0, size);
    }

    static CapabilityBuilder extended(int id, int version, int size) {
        if (id < 1 || id > 0xfffe) {
            throw new IllegalArgumentException(
                    hex("extended capability id: 0x%04x (expected: 1 to 0xfffe)", id));
        }
        if (version < 1 || version > 15) {
            throw new IllegalArgumentException(
                    hex("extended capability 0x%04x: version ", id)
                            + version
                            + " (expected: 1 to 15)");
        }
        if (size < headerSize(true) || size > 3840 || size % 4 != 0) {
            throw new IllegalArgumentException(
                    hex("extended capability 0x%04x: ", id)
                            + size
                            + " bytes (expected: a multiple of 4, 4 to 3840)");
        }
        return new CapabilityBuilder(true, id, version, size);
    }

    static int headerSize(boolean extended) {
        return extended ? 4 : 2;
    }

    /// A register that clients cannot write.
    ///
    /// @param offset behind the header
    /// @param width 1 to 8 bytes, up to the capability's end
    public CapabilityBuilder readOnly(int offset, int width, long value) {
        return field(offset, width, value, 0);
    }

    /// A register of which clients can write some bits.
    ///
    /// @param offset behind the header
    /// @param width 1 to 8 bytes, up to the capability's end
    /// @param value at first and after a reset
    /// @param writableMask the bits that a client's write stores
    public CapabilityBuilder field(int offset, int width, long value, long writableMask) {
        checkField(offset, width);
        for (int i = 0; i < width; i++) {
            initial[offset + i] = (byte) (value >>> (8 * i));
            writable[offset + i] = (byte) (writableMask >>> (8 * i));
        }
        return this;
    }

    /// Marks bits of a register as cleared by writing ones to them (RW1C).
    ///
    /// @param offset behind the header
    /// @param width 1 to 8 bytes, up to the capability's end
    /// @param mask bits that are not writable otherwise
    public CapabilityBuilder clearedByOne(int offset, int width, long mask) {
        checkField(offset, width);
        for (int i = 0; i < width; i++) {
            clearedByOne[offset + i] = (byte) (mask >>> (8 * i));
        }
        return this;
    }

    /// Bytes with a write mask for each.
    ///
    /// @param offset behind the header
    /// @param values at first and after a reset
    /// @param writableMasks as many; the bits that a client's write stores
    public CapabilityBuilder bytes(int offset, byte[] values, byte[] writableMasks) {
        if (values.length != writableMasks.length) {
            throw new IllegalArgumentException(
                    "write masks: " + writableMasks.length + " (expected: " + values.length + ")");
        }
        for (int i = 0; i < values.length; i++) {
            field(offset + i, 1, values[i], writableMasks[i]);
        }
        return this;
    }

    /// Gives every client access behind the header to the device.
    ///
    /// @param device its offsets count from the start of the capability; a
    ///   [io.vfiouser.device.region.RegisterBlock] does well
    public CapabilityBuilder handledBy(RegionHandler device) {
        handler = Optional.of(Objects.requireNonNull(device, "device"));
        return this;
    }

    /// The capability.
    ///
    /// @throws IllegalArgumentException if its parts do not go together
    public PciCapability build() {
        if (handler.isPresent() && described) {
            throw new IllegalArgumentException(
                    name() + ": registers and a handler (expected: one of the two)");
        }
        for (int i = 0; i < initial.length; i++) {
            int both = writable[i] & clearedByOne[i] & 0xff;
            if (both != 0) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "%s: bits 0x%02x of byte 0x%x (expected: writable or cleared by"
                                        + " one, not both)",
                                name(),
                                both,
                                i));
            }
        }
        checkLength();
        return new CustomCapability(
                extended, id, version, initial, writable, clearedByOne, handler);
    }

    /// Vendor-specific capabilities say how long they are, and software goes by it.
    private void checkLength() {
        boolean said = id == (extended ? VENDOR_EXTENDED : VENDOR);
        if (!said || handler.isPresent()) {
            return;
        }
        int least = extended ? 8 : 3;
        int length =
                initial.length < least
                        ? 0
                        : extended
                                ? (initial[7] & 0xff) << 4 | (initial[6] & 0xf0) >> 4
                                : initial[2] & 0xff;
        if (length != initial.length) {
            throw new IllegalArgumentException(
                    name()
                            + ": length "
                            + length
                            + (extended ? " in bits 20 to 31 at 4" : " in byte 2")
                            + " (expected: its size, "
                            + initial.length
                            + ")");
        }
    }

    private void checkField(int offset, int width) {
        if (width < 1
                || width > 8
                || offset < headerSize(extended)
                || offset > initial.length - width) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: %d bytes at 0x%x (expected: 1 to 8 within 0x%x to 0x%x)",
                            name(),
                            width,
                            offset,
                            headerSize(extended),
                            initial.length));
        }
        described = true;
    }

    private String name() {
        return extended ? hex("extended capability 0x%04x", id) : hex("capability 0x%02x", id);
    }

    private static String hex(String format, int value) {
        return String.format(Locale.ROOT, format, value);
    }
}
