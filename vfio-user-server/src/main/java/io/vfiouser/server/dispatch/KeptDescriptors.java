package io.vfiouser.server.dispatch;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.irq.IrqTable;

/// The descriptors that the server keeps for one client, of which it may have so many. Belongs to
/// the loop.
///
/// @param irqs has eventfds
/// @param dma has files
/// @param most `maxDescriptors`
record KeptDescriptors(IrqTable irqs, DmaTable dma, int most) {
    /// Refuses a request that brings more than there is room for. It counts those that it replaces
    /// too.
    ///
    /// @throws RequestRejectedException `ENOSPC`
    void checkRoom(int more) {
        int kept = irqs.descriptors() + dma.descriptors();
        if (more > most - kept) {
            throw new RequestRejectedException(
                    Errno.ENOSPC,
                    "descriptors: %d, kept already: %d (expected: at most maxDescriptors, %d)"
                            .formatted(more, kept, most));
        }
    }
}
