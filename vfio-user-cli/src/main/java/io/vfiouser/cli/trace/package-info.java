/// How captures are asked for and shown: [io.vfiouser.cli.trace.CaptureOptions] for commands that
/// write them, [io.vfiouser.cli.trace.TracePrinter] for those that print them.
@NullMarked
package io.vfiouser.cli.trace;

import org.jspecify.annotations.NullMarked;
