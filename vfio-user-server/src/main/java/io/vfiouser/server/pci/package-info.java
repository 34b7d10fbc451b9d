/// What a PCI function keeps by itself: the config space
/// ([io.vfiouser.server.pci.ConfigSpaceEngine]) and the MSI-X table with its pending bits
/// ([io.vfiouser.server.pci.MsixTable], laid over a BAR by [io.vfiouser.server.pci.MsixOverlay]).
@NullMarked
package io.vfiouser.server.pci;

import org.jspecify.annotations.NullMarked;
