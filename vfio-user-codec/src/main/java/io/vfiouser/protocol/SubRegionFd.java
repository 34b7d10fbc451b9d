package io.vfiouser.protocol;

/// A part of a region whose accesses go to a descriptor instead of a message.
///
/// | field               | offset | bytes |
/// |---------------------|--------|-------|
/// | offset              | 0      | 8     |
/// | size                | 8      | 8     |
/// | fd_index            | 16     | 4     |
/// | type                | 20     | 4     |
/// | flags               | 24     | 4     |
/// | shadow memory index | 28     | 4     |
/// | shadow offset       | 32     | 8     |
/// | datamatch           | 40     | 8     |
///
/// @param offset first byte, counted from the start of the region
/// @param size bytes; 0 for an access of any size
/// @param fdIndex which descriptor of the reply; [#NO_FD] for none
/// @param type [#IOEVENTFD], [#IOREGIONFD] or [#SHADOW_IOEVENTFD]; other numbers are kept
/// @param flags bits of the KVM ioeventfd: [#DATAMATCH], [#PORT_IO], 8 for virtio CCW
/// @param shadowFdIndex which descriptor is the shadow memory; only with [#SHADOW_IOEVENTFD]
/// @param shadowOffset place in the shadow memory; with [#IOREGIONFD] the user data
/// @param datamatch the value that a write must have to count
public record SubRegionFd(
        long offset,
        long size,
        int fdIndex,
        int type,
        int flags,
        int shadowFdIndex,
        long shadowOffset,
        long datamatch) {
    /// Type: an eventfd that a write signals.
    public static final int IOEVENTFD = 0;

    /// Type: a socket that takes reads and writes.
    public static final int IOREGIONFD = 1;

    /// Type: an eventfd that a write signals after its value went to shared memory.
    public static final int SHADOW_IOEVENTFD = 2;

    /// Flag: only a write of the value `datamatch` counts.
    public static final int DATAMATCH = 1;

    /// Flag: the region is one of I/O ports.
    public static final int PORT_IO = 2;

    /// The `fdIndex` of an entry without a descriptor.
    public static final int NO_FD = -1;
}
