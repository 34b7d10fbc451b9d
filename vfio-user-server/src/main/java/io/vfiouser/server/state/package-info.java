/// What devices keep between a planned stop of the server and its next start: a file for each in a
/// directory (`docs/state.md`). Start at [io.vfiouser.server.state.StateDirectory].
@NullMarked
package io.vfiouser.server.state;

import org.jspecify.annotations.NullMarked;
