package io.vfiouser.testkit.vmm;

import java.lang.foreign.MemorySegment;

/// Memory of the machine that driver and device share.
///
/// @param segment the driver's view, for any thread until the machine is closed
/// @param iova the address that the driver gives to the device, a multiple of 4096
public record GuestBuffer(MemorySegment segment, long iova) {
    /// Bytes, a multiple of 4096.
    public long size() {
        return segment.byteSize();
    }
}
