package io.vfiouser.protocol;

/// Asks how many regions and interrupt types the device has (spec: "VFIO_USER_DEVICE_GET_INFO").
///
/// | field       | offset | bytes |
/// |-------------|--------|-------|
/// | argsz       | 0      | 4     |
/// | flags       | 4      | 4     |
/// | num_regions | 8      | 4     |
/// | num_irqs    | 12     | 4     |
///
/// @param argsz bytes of the largest reply payload the client takes, at least 16
public record DeviceGetInfo(long argsz) implements ClientRequest {
    /// Checks that `argsz` fits its place.
    public DeviceGetInfo {
        Checks.u32("argsz", argsz);
    }

    /// The request of a client that takes the 16 bytes of the reply.
    public DeviceGetInfo() {
        this(WireFormat.DEVICE_INFO_SIZE);
    }

    @Override
    public int commandId() {
        return Command.DEVICE_GET_INFO.id();
    }

    /// What the device is; same layout, with `argsz` 16.
    ///
    /// @param flags [#RESET], [#PCI]; bits without a meaning are kept
    /// @param regionCount number of regions, whose indexes start at 0
    /// @param irqCount number of interrupt types, whose indexes start at 0
    public record Reply(int flags, int regionCount, int irqCount) implements ServerReply {
        /// Flag: the device can be reset.
        public static final int RESET = 1;

        /// Flag: the device is a PCI device.
        public static final int PCI = 2;

        /// Checks the counts.
        public Reply {
            Checks.notNegative("regionCount", regionCount);
            Checks.notNegative("irqCount", irqCount);
        }

        /// Whether the device can be reset.
        public boolean resettable() {
            return (flags & RESET) != 0;
        }

        /// Whether the device is a PCI device.
        public boolean pci() {
            return (flags & PCI) != 0;
        }
    }
}
