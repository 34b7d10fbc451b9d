/// Quantities and names as users write and read them. Start at [io.vfiouser.cli.text.ByteSize] and
/// [io.vfiouser.cli.text.Suggestion].
@NullMarked
package io.vfiouser.cli.text;

import org.jspecify.annotations.NullMarked;
