/// Namespaces: backends as numbered blocks. Start at
/// [io.vfiouser.devices.nvme.namespace.Namespace].
@NullMarked
package io.vfiouser.devices.nvme.namespace;

import org.jspecify.annotations.NullMarked;
