/// PCI config space read aloud, as `lspci -vv` does. Start at [io.vfiouser.cli.pci.ConfigImage] and
/// [io.vfiouser.cli.pci.FunctionText].
@NullMarked
package io.vfiouser.cli.pci;

import org.jspecify.annotations.NullMarked;
