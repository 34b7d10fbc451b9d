/// What commands throw: [io.vfiouser.cli.failure.UsageException] for what the user wrote,
/// [io.vfiouser.cli.failure.CommandException] for what happened.
@NullMarked
package io.vfiouser.cli.failure;

import org.jspecify.annotations.NullMarked;
