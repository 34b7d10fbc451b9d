package io.vfiouser.protocol;

/// What can be done with a region (spec: "VFIO_USER_DEVICE_GET_REGION_INFO", flags).
///
/// @param bits the flags as they are on the wire; bits without a meaning are kept
public record RegionFlags(int bits) {
    /// Bit: the region can be read.
    public static final int READ = 1;

    /// Bit: the region can be written.
    public static final int WRITE = 2;

    /// Bit: the region, or parts of it, can be mapped.
    public static final int MMAP = 4;

    /// Bit: the reply carries capabilities.
    public static final int CAPS = 8;

    /// No access: an unused region.
    public static final RegionFlags NONE = new RegionFlags(0);

    /// Read and write through messages.
    public static final RegionFlags READ_WRITE = new RegionFlags(READ | WRITE);

    /// Whether the region can be read.
    public boolean readable() {
        return (bits & READ) != 0;
    }

    /// Whether the region can be written.
    public boolean writable() {
        return (bits & WRITE) != 0;
    }

    /// Whether the region, or parts of it, can be mapped.
    public boolean mappable() {
        return (bits & MMAP) != 0;
    }

    /// Whether the reply carries capabilities.
    public boolean hasCapabilities() {
        return (bits & CAPS) != 0;
    }

    /// These flags and `more` bits.
    public RegionFlags with(int more) {
        return new RegionFlags(bits | more);
    }

    /// These flags less some bits.
    public RegionFlags without(int fewer) {
        return new RegionFlags(bits & ~fewer);
    }
}
