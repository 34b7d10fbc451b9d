package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Answers trapped accesses to one region: `REGION_READ` and `REGION_WRITE` messages.
///
/// Both methods run on the device's loop, one at a time, and must not block. The access lies within
/// the region (the server has checked); its size is the segment's, any number of bytes from 1 up to
/// the negotiated transfer size, at any alignment. Multi-byte values are little-endian. The segment
/// is a window into a message buffer: it is valid until the returned completion is done.
///
/// A [io.vfiouser.device.outcome.DeviceException] gives the client its errno; anything else that is
/// thrown gives `EIO`, and the device stays in service.
public interface RegionHandler {
    /// Fills `into` with what the device shows at `offset`.
    ///
    /// @param offset first byte, counted from the start of the region
    /// @param into zeros to begin with, which the client reads wherever nothing is written
    Completion read(long offset, MemorySegment into);

    /// Takes what the client writes at `offset`.
    ///
    /// @param offset first byte, counted from the start of the region
    /// @param from read-only by contract
    Completion write(long offset, MemorySegment from);

    /// The bytes themselves, if this part of the region is plain memory, so that an access could as
    /// well be a copy from or to there. The server then moves large accesses between socket and
    /// memory, and calls neither [#read] nor [#write] for them; the data of a write arrives piece
    /// by piece. Whoever wraps a handler and wants to see all accesses leaves this alone.
    ///
    /// @param offset first byte, counted from the start of the region
    /// @param size bytes
    /// @return native memory of exactly that size, the region's until a reset; empty to be called
    default Optional<MemorySegment> memory(long offset, long size) {
        return Optional.empty();
    }

    /// The register at `offset`, if this handler knows registers by name; for traces and tools.
    default Optional<Register> registerAt(long offset) {
        return Optional.empty();
    }
}
