/// A virtual machine's side of a device without a virtual machine:
/// [io.vfiouser.testkit.vmm.FakeVmm] plugs in a served device, finds and places its BARs as
/// firmware does, and gives a driver in plain Java what an operating system gives its drivers:
/// registers, memory for DMA, interrupts.
@NullMarked
package io.vfiouser.testkit.vmm;

import org.jspecify.annotations.NullMarked;
