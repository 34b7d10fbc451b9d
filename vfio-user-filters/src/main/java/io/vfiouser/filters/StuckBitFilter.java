package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Makes some bits of a register read as 0 or 1, whatever the device says. Writes pass as they are.
public final class StuckBitFilter extends DeviceFilter {
    private final StuckBitSettings settings;

    /// A filter that is enabled.
    public StuckBitFilter(StuckBitSettings settings) {
        super("stuck-bit");
        this.settings = settings;
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        Target at = settings.at();
        at.check(regions);
        for (FilteredRegion region : regions) {
            at.in(region).ifPresent(range -> check(range.end() - range.start()));
        }
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return settings.at()
                .in(region)
                .<RegionHandler>map(range -> new Handler(range, next))
                .orElse(next);
    }

    private void check(long width) {
        if (width > Long.BYTES) {
            throw new IllegalArgumentException(
                    "at: %s: %d bytes (expected: a register of at most 8 bytes)"
                            .formatted(settings.at(), width));
        }
        long bits = settings.zero() | settings.one();
        if (width < Long.BYTES && bits >>> (8 * width) != 0) {
            throw new IllegalArgumentException(
                    "zero: 0x%x, one: 0x%x (expected: bits of %s, which has %d bytes)"
                            .formatted(settings.zero(), settings.one(), settings.at(), width));
        }
    }

    private final class Handler implements RegionHandler {
        private final ByteRange range;
        private final RegionHandler next;

        private Handler(ByteRange range, RegionHandler next) {
            this.range = range;
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            Completion completion = next.read(offset, into);
            if (!range.touches(offset, into.byteSize())) {
                return completion;
            }
            return completion.then(() -> {
                stick(offset, into);
                return Completion.DONE;
            });
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return next.write(offset, from);
        }

        private void stick(long offset, MemorySegment into) {
            long first = Math.max(offset, range.start());
            long end = Math.min(offset + into.byteSize(), range.end());
            for (long at = first; at < end; at++) {
                int shift = (int) (8 * (at - range.start()));
                byte value = into.get(ValueLayout.JAVA_BYTE, at - offset);
                long stuck = (value & ~(settings.zero() >>> shift)) | (settings.one() >>> shift);
                into.set(ValueLayout.JAVA_BYTE, at - offset, (byte) stuck);
            }
        }
    }
}
