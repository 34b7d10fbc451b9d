package io.vfiouser.device.memory;

/// One piece of client memory that the client has made known with `DMA_MAP` (spec:
/// "VFIO_USER_DMA_MAP").
///
/// @param iova first address, unsigned, as the device uses it
/// @param length bytes, at least 1; `iova + length` does not wrap (it may be exactly 2^64)
/// @param readable whether the device may read it
/// @param writable whether the device may write it
/// @param direct whether the server has it mapped, so that it can be leased; if not, it is reached
///   by messages or file I/O through [GuestMemory#read] and [GuestMemory#write]
public record DmaRange(long iova, long length, boolean readable, boolean writable, boolean direct) {
    /// Range, permissions, and whether it is mapped, as in `0x1000+0x2000 rw mapped`.
    @Override
    public String toString() {
        return Iova.hex(iova)
                + "+0x"
                + Long.toHexString(length)
                + (readable ? " r" : " -")
                + (writable ? "w" : "-")
                + (direct ? " mapped" : " not mapped");
    }
}
