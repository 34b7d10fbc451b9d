package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// The PCI Express capability, version 2, of an endpoint on a 2.5 GT/s link one lane wide (PCI
/// Express Base Specification 3.0, section 7.8). Slot and root registers are zero in an endpoint.
final class ExpressRegisters implements WriteEffect {
    static final int DEVICE_CONTROL = 0x08;
    static final int DEVICE_STATUS = 0x0a;

    private static final int CAPABILITIES = 0x02;
    private static final int DEVICE_CAPABILITIES = 0x04;
    private static final int LINK_CAPABILITIES = 0x0c;
    private static final int LINK_CONTROL = 0x10;
    private static final int LINK_STATUS = 0x12;
    private static final int DEVICE_CAPABILITIES_2 = 0x24;
    private static final int DEVICE_CONTROL_2 = 0x28;
    private static final int LINK_CAPABILITIES_2 = 0x2c;

    private static final int VERSION_2_ENDPOINT = 0x0002;
    private static final int ROLE_BASED_ERROR_REPORTING = 1 << 15;
    private static final int FLR_CAPABLE = 1 << 28;
    private static final int INITIATE_FLR = 1 << 15;

    /// Relaxed ordering and no-snoop allowed, read requests of up to 512 bytes: the specification's
    /// defaults.
    private static final int DEVICE_CONTROL_DEFAULT = 0x2810;

    /// Error reporting (bits 0 to 3), relaxed ordering, no-snoop, maximum read request size. The
    /// payload size stays at 128 bytes, the most that the device capabilities announce.
    private static final int DEVICE_CONTROL_WRITABLE = 0x781f;

    /// Correctable, non-fatal, fatal error and unsupported request detected.
    private static final int DEVICE_STATUS_CLEARED_BY_ONE = 0x000f;

    /// 2.5 GT/s, one lane, no ASPM and compliant with its being optional.
    private static final int LINK_2_5_GT_X1 = 0x0040_0011;

    /// ASPM, read completion boundary, common clock, extended synch: kept, without effect.
    private static final int LINK_CONTROL_WRITABLE = 0x00cb;

    private static final int LINK_STATUS_2_5_GT_X1 = 0x0011;
    private static final int COMPLETION_TIMEOUT_DISABLE = 1 << 4;
    private static final int SUPPORTED_SPEED_2_5_GT = 1 << 1;

    static CapabilityImage image(PciCapability.Express capability) {
        boolean flr = capability.functionLevelReset();
        int deviceCapabilities = ROLE_BASED_ERROR_REPORTING | (flr ? FLR_CAPABLE : 0);
        int deviceControl = DEVICE_CONTROL_WRITABLE | (flr ? INITIATE_FLR : 0);
        var registers =
                new RegisterImage(capability.size())
                        .readOnly(0, 1, capability.id())
                        .readOnly(CAPABILITIES, 2, VERSION_2_ENDPOINT)
                        .readOnly(DEVICE_CAPABILITIES, 4, deviceCapabilities)
                        .field(DEVICE_CONTROL, 2, DEVICE_CONTROL_DEFAULT, deviceControl)
                        .clearedByOne(DEVICE_STATUS, 2, DEVICE_STATUS_CLEARED_BY_ONE)
                        .readOnly(LINK_CAPABILITIES, 4, LINK_2_5_GT_X1)
                        .field(LINK_CONTROL, 2, 0, LINK_CONTROL_WRITABLE)
                        .readOnly(LINK_STATUS, 2, LINK_STATUS_2_5_GT_X1)
                        .readOnly(DEVICE_CAPABILITIES_2, 4, COMPLETION_TIMEOUT_DISABLE)
                        .field(DEVICE_CONTROL_2, 2, 0, COMPLETION_TIMEOUT_DISABLE)
                        .readOnly(LINK_CAPABILITIES_2, 4, SUPPORTED_SPEED_2_5_GT);
        return new CapabilityImage(registers, new ExpressRegisters());
    }

    @Override
    public long sample(RegisterImage registers, int at) {
        return 0;
    }

    /// The bit that starts a function-level reset always reads 0.
    @Override
    public ConfigEvent settle(RegisterImage registers, int at, long before) {
        int control = registers.value(at + DEVICE_CONTROL, 2);
        if ((control & INITIATE_FLR) == 0) {
            return ConfigEvent.NONE;
        }
        registers.store(at + DEVICE_CONTROL, 2, control & ~INITIATE_FLR);
        return ConfigSpaceListener::functionLevelReset;
    }
}
