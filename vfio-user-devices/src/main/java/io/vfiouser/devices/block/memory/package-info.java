/// A disk in memory: [io.vfiouser.devices.block.memory.MemoryBackend].
@NullMarked
package io.vfiouser.devices.block.memory;

import org.jspecify.annotations.NullMarked;
