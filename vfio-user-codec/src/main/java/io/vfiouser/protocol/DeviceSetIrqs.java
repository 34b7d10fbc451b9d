package io.vfiouser.protocol;

import java.util.Objects;

/// Sets, fires, masks or unmasks interrupts (spec: "VFIO_USER_DEVICE_SET_IRQS").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | flags | 4      | 4     |
/// | index | 8      | 4     |
/// | start | 12     | 4     |
/// | count | 16     | 4     |
/// | data  | 20     | count, only with [IrqData.Bool] |
///
/// With [IrqData.Eventfd] descriptor i belongs to vector `start + i`. The reply is an [EmptyReply].
///
/// @param index number of the interrupt type: 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ
/// @param start first vector
/// @param count number of vectors
/// @param action what to do
/// @param data which vectors, or what for them
public record DeviceSetIrqs(int index, int start, int count, IrqAction action, IrqData data)
        implements ClientRequest {
    /// Checks the ranges, and that there is one byte per vector with [IrqData.Bool].
    public DeviceSetIrqs {
        Checks.notNegative("index", index);
        Checks.notNegative("start", start);
        Checks.notNegative("count", count);
        Objects.requireNonNull(action, "action");
        if (data instanceof IrqData.Bool bool && bool.count() != count) {
            throw new IllegalArgumentException(
                    "data: " + bool.count() + " bytes (expected: count, " + count + ")");
        }
    }

    @Override
    public int commandId() {
        return Command.DEVICE_SET_IRQS.id();
    }
}
