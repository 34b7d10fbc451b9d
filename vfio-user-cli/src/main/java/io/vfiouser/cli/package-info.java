/// The `vfio-user` command. Start at [io.vfiouser.cli.Main] and, for what it prints when something
/// is wrong, [io.vfiouser.cli.ErrorLines].
@NullMarked
package io.vfiouser.cli;

import org.jspecify.annotations.NullMarked;
