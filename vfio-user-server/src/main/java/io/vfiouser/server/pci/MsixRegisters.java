package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// The MSI-X capability (PCI Local Bus Specification 3.0, section 6.8.2); its table is [MsixTable].
final class MsixRegisters implements WriteEffect {
    static final int CONTROL = 2;
    static final int ENABLE = 1 << 15;
    static final int FUNCTION_MASK = 1 << 14;

    private static final int TABLE = 4;
    private static final int PENDING = 8;

    static CapabilityImage image(PciCapability.MsiX capability) {
        var registers =
                new RegisterImage(capability.size())
                        .readOnly(0, 1, capability.id())
                        .field(CONTROL, 2, capability.vectors() - 1, ENABLE | FUNCTION_MASK)
                        .readOnly(TABLE, 4, capability.tableOffset() | capability.tableBar())
                        .readOnly(PENDING, 4, capability.pendingOffset() | capability.pendingBar());
        return new CapabilityImage(registers, new MsixRegisters());
    }

    @Override
    public long sample(RegisterImage registers, int at) {
        return registers.value(at + CONTROL, 2);
    }

    @Override
    public ConfigEvent settle(RegisterImage registers, int at, long before) {
        long changed = sample(registers, at) ^ before;
        ConfigEvent enable =
                (changed & ENABLE) != 0
                        ? ConfigSpaceListener::messageInterruptsChanged
                        : ConfigEvent.NONE;
        return (changed & FUNCTION_MASK) != 0
                ? enable.then(ConfigSpaceListener::msixFunctionMaskChanged)
                : enable;
    }
}
