/// A guest's serial console as a page in the browser. Start at
/// [io.vfiouser.examples.console.ConsoleServer].
@NullMarked
package io.vfiouser.examples.console;

import org.jspecify.annotations.NullMarked;
