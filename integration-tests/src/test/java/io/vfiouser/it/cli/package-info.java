/// The `vfio-user` command as a user starts it. Start at [io.vfiouser.it.cli.CommandRun], which
/// runs one to its end, and [io.vfiouser.it.cli.LauncherTest], which tests `./vfio-user` itself.
@NullMarked
package io.vfiouser.it.cli;

import org.jspecify.annotations.NullMarked;
