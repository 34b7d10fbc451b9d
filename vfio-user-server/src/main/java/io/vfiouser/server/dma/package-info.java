/// The client's memory as one session knows it. Start at [io.vfiouser.server.dma.DmaTable], which
/// `DMA_MAP` and `DMA_UNMAP` change, and [io.vfiouser.server.dma.GuestMemoryView], through which
/// the device uses it. [io.vfiouser.server.dma.PeerMemory] is what the session has to supply.
///
/// Everything in here belongs to the session's event loop.
@NullMarked
package io.vfiouser.server.dma;

import org.jspecify.annotations.NullMarked;
