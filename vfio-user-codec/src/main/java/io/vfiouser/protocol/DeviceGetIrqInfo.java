package io.vfiouser.protocol;

import java.util.Objects;

/// Asks for one interrupt type (spec: "VFIO_USER_DEVICE_GET_IRQ_INFO").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | flags | 4      | 4     |
/// | index | 8      | 4     |
/// | count | 12     | 4     |
///
/// @param argsz bytes of the largest reply payload the client takes, at least 16
/// @param index number of the interrupt type: 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ
public record DeviceGetIrqInfo(long argsz, int index) implements ClientRequest {
    /// Checks the ranges.
    public DeviceGetIrqInfo {
        Checks.u32("argsz", argsz);
        Checks.notNegative("index", index);
    }

    /// The request of a client that takes the 16 bytes of the reply.
    public DeviceGetIrqInfo(int index) {
        this(WireFormat.IRQ_INFO_SIZE, index);
    }

    @Override
    public int commandId() {
        return Command.DEVICE_GET_IRQ_INFO.id();
    }

    /// One interrupt type; same layout, with `argsz` 16.
    ///
    /// @param flags what the type can do
    /// @param index number of the interrupt type
    /// @param count number of vectors; 0 for an unused type
    public record Reply(IrqFlags flags, int index, int count) implements ServerReply {
        /// Checks the ranges.
        public Reply {
            Objects.requireNonNull(flags, "flags");
            Checks.notNegative("index", index);
            Checks.notNegative("count", count);
        }
    }
}
