package io.vfiouser.filters;

import io.vfiouser.device.NoSettings;
import java.time.Duration;
import java.util.List;

/// The filters of this package by name.
public final class StandardFilters implements FilterProvider {
    /// For `ServiceLoader`.
    public StandardFilters() {}

    @Override
    public List<FilterType<?>> types() {
        return List.of(
                new FilterType<>(
                        "delay",
                        "lets accesses reach the device late",
                        DelaySettings.of(Duration.ZERO),
                        DelayFilter::new),
                new FilterType<>(
                        "dma-fault",
                        "makes the device's accesses to client memory fail",
                        DmaFaultSettings.NONE,
                        StandardFilters::dmaFault),
                new FilterType<>(
                        "drop-irq",
                        "loses interrupts",
                        DropIrqSettings.DEFAULTS,
                        DropIrqFilter::new),
                new FilterType<>(
                        "error",
                        "answers some accesses with an error",
                        ErrorSettings.NONE,
                        StandardFilters::error),
                new FilterType<>(
                        "log",
                        "logs accesses by register name, interrupts, DMA and resets",
                        LogSettings.DEFAULTS,
                        LogFilter::new),
                new FilterType<>(
                        "rate",
                        "lets only so many accesses a second reach the device",
                        RateSettings.DEFAULTS,
                        RateFilter::new),
                new FilterType<>(
                        "spurious-irq",
                        "fires interrupts that the device has not asked for",
                        SpuriousIrqSettings.DEFAULTS,
                        SpuriousIrqFilter::new),
                new FilterType<>(
                        "stats",
                        "counts accesses, errors and latency by register; logs them at the end",
                        new NoSettings(),
                        _ -> new StatsFilter()),
                new FilterType<>(
                        "stuck-bit",
                        "makes bits of a register read as 0 or 1",
                        StuckBitSettings.NONE,
                        StandardFilters::stuckBit),
                new FilterType<>(
                        "surprise-removal",
                        "pulls the device out: reads as ones, writes and interrupts are lost",
                        SurpriseRemovalSettings.AT_ONCE,
                        SurpriseRemovalFilter::new));
    }

    private static DeviceFilter error(ErrorSettings settings) {
        requireRule(settings.read(), settings.write());
        return new ErrorFilter(settings);
    }

    private static DeviceFilter dmaFault(DmaFaultSettings settings) {
        requireRule(settings.read(), settings.write());
        return new DmaFaultFilter(settings);
    }

    private static DeviceFilter stuckBit(StuckBitSettings settings) {
        if (settings.zero() == 0 && settings.one() == 0) {
            throw new IllegalArgumentException(
                    "zero: 0x0, one: 0x0 (expected: a bit that is stuck, as in one=0x4)");
        }
        return new StuckBitFilter(settings);
    }

    private static void requireRule(ErrorRule read, ErrorRule write) {
        if (read.isNone() && write.isNone()) {
            throw new IllegalArgumentException(
                    "read: none, write: none (expected: an errno for one of them, as in"
                            + " write=EIO@1%)");
        }
    }
}
