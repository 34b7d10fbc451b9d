/// The memory that a client offers to the device, and its answers to `DMA_READ` and `DMA_WRITE`.
///
/// Start at [io.vfiouser.client.memory.ClientMemory], which answers as a virtual machine would; a
/// [io.vfiouser.client.memory.DmaResponder] of one's own answers late, wrongly or not at all.
@NullMarked
package io.vfiouser.client.memory;

import org.jspecify.annotations.NullMarked;
