package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// The mask and pending bits of an MSI capability that has them.
final class MsiMasks implements VectorMasks {
    private final RegisterImage registers;
    private final int vectors;
    private final int maskBits;
    private final int pendingBits;

    /// @param at where the capability starts
    MsiMasks(RegisterImage registers, int at, PciCapability.Msi capability) {
        this.registers = registers;
        this.vectors = capability.vectors();
        this.maskBits = at + MsiRegisters.maskBits(capability);
        this.pendingBits = at + MsiRegisters.pendingBits(capability);
    }

    @Override
    public boolean masked(int vector) {
        return isSet(maskBits, vector);
    }

    @Override
    public boolean pending(int vector) {
        return isSet(pendingBits, vector);
    }

    @Override
    public void showPending(int vector, boolean pending) {
        VectorBits.checkVector(vector, vectors);
        if (pending) {
            registers.setBits(pendingBits + vector / 8, 1 << vector % 8);
        } else {
            registers.clearBits(pendingBits + vector / 8, 1 << vector % 8);
        }
    }

    private boolean isSet(int bits, int vector) {
        VectorBits.checkVector(vector, vectors);
        return (registers.byteAt(bits + vector / 8) & 1 << vector % 8) != 0;
    }
}
