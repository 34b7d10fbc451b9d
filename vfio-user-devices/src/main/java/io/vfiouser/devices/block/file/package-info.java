/// A disk in a file or on a block device: [io.vfiouser.devices.block.file.FileBackend].
@NullMarked
package io.vfiouser.devices.block.file;

import org.jspecify.annotations.NullMarked;
