/// Control of a running server over HTTP, and the live page. Start at
/// [io.vfiouser.control.ControlServer] and [io.vfiouser.control.ControlClient]; `docs/control.md`
/// has the calls.
@NullMarked
package io.vfiouser.control;

import org.jspecify.annotations.NullMarked;
