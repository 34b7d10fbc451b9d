/// The protocol between the two processes of a hot restart. Start at
/// [io.vfiouser.server.succession.Offering], the old one's side, and
/// [io.vfiouser.server.succession.TakingOver], the new one's.
@NullMarked
package io.vfiouser.server.succession;

import org.jspecify.annotations.NullMarked;
