package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// MSI in its four shapes (PCI Local Bus Specification 3.0, section 6.8.1): 32-bit or 64-bit
/// addresses, with or without mask and pending bits.
final class MsiRegisters implements WriteEffect {
    static final int CONTROL = 2;
    static final int ENABLE = 1;

    private static final int ADDRESS = 4;
    private static final int MULTIPLE_CAPABLE_SHIFT = 1;
    private static final int MULTIPLE_ENABLE_SHIFT = 4;
    private static final int MULTIPLE_ENABLE = 7 << MULTIPLE_ENABLE_SHIFT;
    private static final int ADDRESSES_64 = 1 << 7;
    private static final int PER_VECTOR_MASKING = 1 << 8;
    private static final long ADDRESS_BITS = -4;

    private final PciCapability.Msi capability;

    private MsiRegisters(PciCapability.Msi capability) {
        this.capability = capability;
    }

    static CapabilityImage image(PciCapability.Msi capability) {
        int control = log2(capability.vectors()) << MULTIPLE_CAPABLE_SHIFT;
        control |= capability.addresses64() ? ADDRESSES_64 : 0;
        control |= capability.perVectorMasking() ? PER_VECTOR_MASKING : 0;
        int data = data(capability);
        var registers =
                new RegisterImage(capability.size())
                        .readOnly(0, 1, capability.id())
                        .field(CONTROL, 2, control, ENABLE | MULTIPLE_ENABLE)
                        .field(ADDRESS, capability.addresses64() ? 8 : 4, 0, ADDRESS_BITS)
                        .field(data, 2, 0, 0xffff);
        if (capability.perVectorMasking()) {
            registers.field(maskBits(capability), 4, 0, (1L << capability.vectors()) - 1);
        }
        return new CapabilityImage(registers, new MsiRegisters(capability));
    }

    /// Where the mask bits are, from the start of the capability; only if it has them.
    static int maskBits(PciCapability.Msi capability) {
        return data(capability) + 4;
    }

    /// Where the pending bits are, from the start of the capability; only if it has them.
    static int pendingBits(PciCapability.Msi capability) {
        return maskBits(capability) + 4;
    }

    @Override
    public long sample(RegisterImage registers, int at) {
        return (long) masks(registers, at) << 16 | registers.value(at + CONTROL, 2);
    }

    /// More vectors than there are cannot be enabled.
    @Override
    public ConfigEvent settle(RegisterImage registers, int at, long before) {
        int control = registers.value(at + CONTROL, 2);
        int capable = log2(capability.vectors());
        if ((control & MULTIPLE_ENABLE) >> MULTIPLE_ENABLE_SHIFT > capable) {
            control = (control & ~MULTIPLE_ENABLE) | capable << MULTIPLE_ENABLE_SHIFT;
            registers.store(at + CONTROL, 2, control);
        }
        ConfigEvent enable =
                ((control ^ before) & ENABLE) != 0
                        ? ConfigSpaceListener::messageInterruptsChanged
                        : ConfigEvent.NONE;
        return masks(registers, at) != (int) (before >> 16)
                ? enable.then(ConfigSpaceListener::msiMasksChanged)
                : enable;
    }

    private int masks(RegisterImage registers, int at) {
        return capability.perVectorMasking() ? registers.value(at + maskBits(capability), 4) : 0;
    }

    private static int data(PciCapability.Msi capability) {
        return capability.addresses64() ? 0xc : 0x8;
    }

    private static int log2(int powerOfTwo) {
        return Integer.numberOfTrailingZeros(powerOfTwo);
    }
}
