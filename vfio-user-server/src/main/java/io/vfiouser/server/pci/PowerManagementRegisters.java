package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// Power management, version 1.2, without D1, D2 and PME (PCI Bus Power Management Interface
/// Specification 1.2, section 3.2).
final class PowerManagementRegisters implements WriteEffect {
    private static final int CAPABILITIES = 2;
    private static final int CONTROL_STATUS = 4;

    private static final int VERSION_1_2 = 3;
    private static final int POWER_STATE = 3;
    private static final int NO_SOFT_RESET = 1 << 3;

    private final boolean noSoftReset;

    private PowerManagementRegisters(boolean noSoftReset) {
        this.noSoftReset = noSoftReset;
    }

    static CapabilityImage image(PciCapability.PowerManagement capability) {
        int control = capability.noSoftReset() ? NO_SOFT_RESET : 0;
        var registers =
                new RegisterImage(capability.size())
                        .readOnly(0, 1, capability.id())
                        .readOnly(CAPABILITIES, 2, VERSION_1_2)
                        .field(CONTROL_STATUS, 2, control, POWER_STATE);
        return new CapabilityImage(
                registers, new PowerManagementRegisters(capability.noSoftReset()));
    }

    @Override
    public long sample(RegisterImage registers, int at) {
        return registers.byteAt(at + CONTROL_STATUS) & POWER_STATE;
    }

    /// A state that is not there (D1, D2) is not entered, as section 3.2.4 asks.
    @Override
    public ConfigEvent settle(RegisterImage registers, int at, long before) {
        int now = (int) sample(registers, at);
        PowerState from = PowerState.ofBits((int) before);
        PowerState to = PowerState.ofBits(now);
        if (now != to.bits()) {
            int rest = registers.byteAt(at + CONTROL_STATUS) & ~POWER_STATE;
            registers.store(at + CONTROL_STATUS, 1, rest | from.bits());
            return ConfigEvent.NONE;
        }
        if (from == to) {
            return ConfigEvent.NONE;
        }
        ConfigEvent changed = listener -> listener.powerStateChanged(from, to);
        return to == PowerState.D0 && !noSoftReset
                ? changed.then(ConfigSpaceListener::softReset)
                : changed;
    }
}
