/// What any vfio-user server says of its device. Start at [io.vfiouser.cli.probe.ProbeReport] and
/// [io.vfiouser.cli.probe.ProbeText].
@NullMarked
package io.vfiouser.cli.probe;

import org.jspecify.annotations.NullMarked;
