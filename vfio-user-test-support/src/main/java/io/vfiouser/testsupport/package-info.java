/// What every module's tests share. Start at [io.vfiouser.testsupport.PackageRules] and
/// [io.vfiouser.testsupport.NoDescriptorLeaks].
@NullMarked
package io.vfiouser.testsupport;

import org.jspecify.annotations.NullMarked;
