/// The legacy dialect of the protocol, that of February 2021: what its clients ask, in terms of
/// what clients ask today. Start at [io.vfiouser.server.legacy.LegacyDialect].
@NullMarked
package io.vfiouser.server.legacy;

import org.jspecify.annotations.NullMarked;
