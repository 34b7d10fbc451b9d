package io.vfiouser.server.dma;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;

/// Client memory by messages (spec: "VFIO_USER_DMA_READ", "VFIO_USER_DMA_WRITE").
///
/// Called on the session's loop with ranges that lie within one DMA region which permits the
/// access. Splitting them at the client's `max_data_xfer_size` happens behind this interface. The
/// completions are done on the session's loop; they fail with a
/// [io.vfiouser.device.outcome.DeviceException] that has the client's errno, or `ENOTCONN` once the
/// client is gone.
public interface PeerMemory {
    /// Fills `into`, native or on the heap, from client memory.
    ///
    /// @param iova first address; the length is the size of `into`, at least 1
    /// @param into valid until the completion is done
    Completion read(long iova, MemorySegment into);

    /// Writes `from`, native or on the heap, to client memory.
    ///
    /// @param iova first address; the length is the size of `from`, at least 1
    /// @param from valid until the completion is done
    Completion write(long iova, MemorySegment from);
}
