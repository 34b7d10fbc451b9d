package io.vfiouser.filters;

/// Some bytes of a region.
///
/// @param start the first
/// @param end the first after them
public record ByteRange(long start, long end) {
    /// Whether an access touches any of them.
    ///
    /// @param length bytes
    public boolean touches(long offset, long length) {
        return offset < end && offset + length > start;
    }
}
