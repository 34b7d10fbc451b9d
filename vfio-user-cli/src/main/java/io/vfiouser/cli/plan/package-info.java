/// What `serve` is asked for, checked as a whole before the first socket is made. Start at
/// [io.vfiouser.cli.plan.ServePlan] and [io.vfiouser.cli.plan.ConfigFile].
@NullMarked
package io.vfiouser.cli.plan;

import org.jspecify.annotations.NullMarked;
