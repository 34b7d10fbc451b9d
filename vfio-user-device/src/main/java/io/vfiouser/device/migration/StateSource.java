package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;

/// The state of a device as a stream of bytes, taken at the speed of the client: nothing is asked
/// for before the client wants it. Belongs to the device's loop.
public interface StateSource extends AutoCloseable {
    /// A source that gives the bytes of some segments, one segment after the other.
    ///
    /// @param parts read when they are asked for, not before; they stay the caller's and must be
    ///   alive until the source is closed
    static StateSource of(MemorySegment... parts) {
        return new SegmentSource(parts.clone());
    }

    /// Done when [#read] can give bytes, or knows that there are none, without waiting. Asked
    /// before each [#read].
    default Completion ready() {
        return Completion.DONE;
    }

    /// Gives the next bytes.
    ///
    /// @param into to be filled from its start, at least 1 byte; valid for this call
    /// @return how many bytes it was, which may be fewer than there is room for; 0 at the end. A
    ///   source of [SavePhase#PRE_COPY] may be asked again after that, and have more by then
    int read(MemorySegment into);

    /// How many bytes are left, as far as that can be said now, at least 0. An estimate, for
    /// clients that plan by it; the end is where [#read] gives 0.
    long remaining();

    /// The stream is not read any further.
    @Override
    void close();
}
