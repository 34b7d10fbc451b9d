package io.vfiouser.protocol;

/// A part of a region that a client may map.
///
/// @param offset first byte, counted from the start of the region, unsigned
/// @param size bytes, unsigned
public record SparseMmapArea(long offset, long size) {}
