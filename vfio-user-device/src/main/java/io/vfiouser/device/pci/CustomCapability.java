package io.vfiouser.device.pci;

import io.vfiouser.device.region.RegionHandler;
import java.util.Locale;
import java.util.Optional;

/// A capability of any kind, as a [CapabilityBuilder] describes it: registers that the framework
/// keeps, or a handler of the device.
///
/// The arrays have [#size()] bytes; the header's are 0 in all of them, as the framework writes it.
public final class CustomCapability implements PciCapability {
    private final boolean extended;
    private final int id;
    private final int version;
    private final byte[] initial;
    private final byte[] writable;
    private final byte[] clearedByOne;
    private final Optional<RegionHandler> handler;

    CustomCapability(
            boolean extended,
            int id,
            int version,
            byte[] initial,
            byte[] writable,
            byte[] clearedByOne,
            Optional<RegionHandler> handler) {
        this.extended = extended;
        this.id = id;
        this.version = version;
        this.initial = initial.clone();
        this.writable = writable.clone();
        this.clearedByOne = clearedByOne.clone();
        this.handler = handler;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public int size() {
        return initial.length;
    }

    @Override
    public boolean isExtended() {
        return extended;
    }

    /// The version of an extended capability, 1 to 15; 0 of one that is not extended.
    public int version() {
        return version;
    }

    /// Bytes of the header, which is not the device's: 2, or 4 of an extended capability.
    public int headerSize() {
        return CapabilityBuilder.headerSize(extended);
    }

    /// What each byte is at first and after a reset.
    public byte[] initial() {
        return initial.clone();
    }

    /// The bits of each byte that a client's write stores.
    public byte[] writable() {
        return writable.clone();
    }

    /// The bits of each byte that a client's one clears (RW1C).
    public byte[] clearedByOne() {
        return clearedByOne.clone();
    }

    /// Answers clients' accesses behind the header, if the framework is not to keep the bytes.
    public Optional<RegionHandler> handler() {
        return handler;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                extended
                        ? "CustomCapability[id=0x%04x, size=%d]"
                        : "CustomCapability[id=0x%02x, size=%d]",
                id,
                size());
    }
}
