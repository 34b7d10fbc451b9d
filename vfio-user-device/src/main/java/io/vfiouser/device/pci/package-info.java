/// PCI identity, BARs and capabilities as values. Start at [io.vfiouser.device.pci.Bar] and
/// [io.vfiouser.device.pci.PciCapability].
@NullMarked
package io.vfiouser.device.pci;

import org.jspecify.annotations.NullMarked;
