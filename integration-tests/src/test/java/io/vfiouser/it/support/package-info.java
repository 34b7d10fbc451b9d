/// Servers, devices and counts that the whole-path tests share. Start at
/// [io.vfiouser.it.support.TestServer].
@NullMarked
package io.vfiouser.it.support;

import org.jspecify.annotations.NullMarked;
