package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// The device is pulled out while the driver is at work: everything reads as ones, config space
/// included, writes go nowhere, no interrupt comes and the device gets at no memory (`ENODEV`).
///
/// [#enabled] pulls it out and puts it back.
public final class SurpriseRemovalFilter extends DeviceFilter {
    private final Duration after;
    private volatile boolean there;

    /// The device is there until [#enabled] is called with `true`.
    public SurpriseRemovalFilter() {
        this(SurpriseRemovalSettings.AT_ONCE);
        enabled(false);
    }

    /// A filter that is enabled: the device goes by itself.
    public SurpriseRemovalFilter(SurpriseRemovalSettings settings) {
        super("surprise-removal");
        this.after = settings.after();
    }

    @Override
    protected void attached(DeviceContext context) {
        if (!after.isZero()) {
            there = true;
            context.schedule(after, () -> there = false);
        }
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return new Handler(next);
    }

    @Override
    protected boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        return there;
    }

    @Override
    protected void dma(AccessMode mode, long iova, long length) {
        if (!there) {
            throw new DeviceException(
                    Errno.ENODEV,
                    "iova: " + Iova.hex(iova) + " (expected: a device that is not removed)");
        }
    }

    private final class Handler implements RegionHandler {
        private final RegionHandler next;

        private Handler(RegionHandler next) {
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            if (there) {
                return next.read(offset, into);
            }
            into.fill((byte) 0xff);
            return Completion.DONE;
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return there ? next.write(offset, from) : Completion.DONE;
        }
    }
}
