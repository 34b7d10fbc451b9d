package io.vfiouser.device.migration;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;

/// Takes the state of another device as a stream of bytes, cut anywhere. Belongs to the device's
/// loop.
///
/// The bytes come from outside: a device checks them as it checks what a guest writes.
public interface StateSink {
    /// A sink that fills some segments, one after the other, and wants exactly their size.
    ///
    /// @param loaded called when all bytes are there, to check and apply them; throws a
    ///   [io.vfiouser.device.outcome.DeviceException] to refuse them
    /// @param parts written as the bytes come; they stay the caller's
    static StateSink into(Runnable loaded, MemorySegment... parts) {
        return new SegmentSink(loaded, parts.clone());
    }

    /// Takes the next bytes, all of them; or refuses them and takes none.
    ///
    /// @param from valid until the completion is done
    Completion write(MemorySegment from);

    /// All bytes were written: checks and applies them. [Migratable#start] follows, at once or
    /// later.
    ///
    /// If they are refused ([io.vfiouser.device.outcome.DeviceException] with `EINVAL` for a stream
    /// that is too short, for example), the sink stays open: the client may write the rest and
    /// finish again, or reset the device.
    Completion finish();

    /// The load is given up; a reset of the device follows.
    void abort();
}
