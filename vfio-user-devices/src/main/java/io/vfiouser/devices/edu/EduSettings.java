package io.vfiouser.devices.edu;

import io.vfiouser.device.Setting;
import java.time.Duration;
import java.util.Objects;

/// The settings of [EduDevice].
///
/// @param dmaBits address lines of the DMA controller, 1 to 64: higher address bits are dropped
/// @param dmaDelay from the command to the transfer, zero to a minute
public record EduSettings(
        @Setting("address bits of the DMA controller, 1 to 64; higher ones are dropped")
                int dmaBits,
        @Setting("time from a DMA command to its transfer, 0s to 1m") Duration dmaDelay) {
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);

    /// Those of QEMU: 28 bits (256 MiB), 100 ms.
    public static final EduSettings DEFAULTS = new EduSettings(28, Duration.ofMillis(100));

    /// Checks the ranges.
    public EduSettings {
        Objects.requireNonNull(dmaDelay, "dmaDelay");
        if (dmaBits < 1 || dmaBits > Long.SIZE) {
            throw new IllegalArgumentException("dma-bits: " + dmaBits + " (expected: 1 to 64)");
        }
        if (dmaDelay.isNegative() || dmaDelay.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException("dma-delay: " + dmaDelay + " (expected: 0s to 1m)");
        }
    }

    /// The address bits that reach the bus.
    long dmaMask() {
        return -1L >>> (Long.SIZE - dmaBits);
    }
}
