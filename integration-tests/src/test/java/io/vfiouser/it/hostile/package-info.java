/// What a hostile client does, and that nobody but itself notices: the table of `docs/security.md`,
/// row by row. Start at [io.vfiouser.it.hostile.CrowdedLoop].
@NullMarked
package io.vfiouser.it.hostile;

import org.jspecify.annotations.NullMarked;
