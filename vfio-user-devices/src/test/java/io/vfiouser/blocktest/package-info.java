/// What the tests of every block backend share, also in other modules:
/// [io.vfiouser.blocktest.TestRequest] and [io.vfiouser.blocktest.BackendModel].
@NullMarked
package io.vfiouser.blocktest;

import org.jspecify.annotations.NullMarked;
