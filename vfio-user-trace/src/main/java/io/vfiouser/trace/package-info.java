/// Messages as text: a [io.vfiouser.trace.Tracer] makes a [io.vfiouser.trace.TraceEntry] of each
/// [io.vfiouser.trace.TracedMessage], with the register names of a
/// [io.vfiouser.trace.RegisterNames].
@NullMarked
package io.vfiouser.trace;

import org.jspecify.annotations.NullMarked;
