/// Processes that tests start: [io.vfiouser.testkit.process.LineLog] reads what one prints,
/// [io.vfiouser.testkit.process.ProcessTree] ends one with all that it started. Not exported.
@NullMarked
package io.vfiouser.testkit.process;

import org.jspecify.annotations.NullMarked;
