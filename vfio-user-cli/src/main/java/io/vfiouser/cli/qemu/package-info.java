/// QEMU arguments that attach a served device. Start at [io.vfiouser.cli.qemu.QemuArguments].
@NullMarked
package io.vfiouser.cli.qemu;

import org.jspecify.annotations.NullMarked;
