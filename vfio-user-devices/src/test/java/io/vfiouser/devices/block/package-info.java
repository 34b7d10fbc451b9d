/// Tests of the SPI, and what the tests of every backend share:
/// [io.vfiouser.devices.block.TestRequest] and [io.vfiouser.devices.block.BackendModel].
@NullMarked
package io.vfiouser.devices.block;

import org.jspecify.annotations.NullMarked;
