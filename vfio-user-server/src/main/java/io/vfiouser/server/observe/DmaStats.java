package io.vfiouser.server.observe;

/// What was counted of a device's use of client memory.
///
/// @param regions DMA regions that the client has made known and not taken back
/// @param bytes of those regions
/// @param bytesRead bytes that the device has leased or copied for reading
/// @param bytesWritten bytes that the device has leased or copied for writing
public record DmaStats(long regions, long bytes, long bytesRead, long bytesWritten) {}
