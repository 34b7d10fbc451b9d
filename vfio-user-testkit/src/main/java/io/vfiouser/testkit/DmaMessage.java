package io.vfiouser.testkit;

import io.vfiouser.device.memory.Iova;

/// One transfer of client memory that the device asked for by message.
///
/// @param direction which way the bytes went
/// @param iova first address
/// @param length bytes
public record DmaMessage(Direction direction, long iova, long length) {
    /// Which way the bytes go.
    public enum Direction {
        /// From the client to the device (spec: "VFIO_USER_DMA_READ").
        READ,
        /// From the device to the client (spec: "VFIO_USER_DMA_WRITE").
        WRITE
    }

    @Override
    public String toString() {
        return direction + " " + Iova.hex(iova) + "+0x" + Long.toHexString(length);
    }
}
