package io.vfiouser.testkit;

import io.vfiouser.device.irq.IrqIndex;

/// One interrupt that reached the client: one signal of its eventfd.
///
/// @param index the type
/// @param subindex the vector within the type
public record FiredInterrupt(IrqIndex index, int subindex) {
    @Override
    public String toString() {
        return index + " " + subindex;
    }
}
