/// `serve --sandbox`: the process restricts itself and starts again inside. Start at
/// [io.vfiouser.cli.sandbox.SandboxOptions].
@NullMarked
package io.vfiouser.cli.sandbox;

import org.jspecify.annotations.NullMarked;
