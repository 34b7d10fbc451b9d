/// Whether this machine can serve devices and give them to guests. Start at
/// [io.vfiouser.cli.doctor.Examination].
@NullMarked
package io.vfiouser.cli.doctor;

import org.jspecify.annotations.NullMarked;
