package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Answers some accesses with an error, and the device does not hear of them: by a rule, or the
/// next ones on demand.
public final class ErrorFilter extends DeviceFilter {
    private final ErrorSettings settings;
    private final Trigger trigger;
    private final ErrorSource reads;
    private final ErrorSource writes;
    private final AtomicReference<Armed> armed = new AtomicReference<>(Armed.NONE);

    /// Errors only on demand, by [#failNext].
    public ErrorFilter() {
        this(ErrorSettings.NONE);
    }

    /// A filter that is enabled.
    public ErrorFilter(ErrorSettings settings) {
        super("error");
        this.settings = settings;
        this.trigger = new Trigger(settings.trigger());
        this.reads = new ErrorSource(settings.read(), settings.seed());
        this.writes = new ErrorSource(settings.write(), settings.seed());
    }

    /// Makes the next accesses at the settings' target fail, whatever the rules; replaces what was
    /// left of an earlier call. From any thread.
    ///
    /// @param count how many, 0 for none
    public void failNext(int count, Errno errno) {
        armed.set(count > 0 ? new Armed(count, errno) : Armed.NONE);
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        settings.at().check(regions);
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return settings.at()
                .in(region)
                .<RegionHandler>map(range -> new Handler(region, range, next))
                .orElse(next);
    }

    private @Nullable Errno next(ErrorSource source) {
        Armed now = armed.get();
        if (now.count > 0 && armed.compareAndSet(now, now.less())) {
            return now.errno;
        }
        return trigger.isThere() ? source.next() : null;
    }

    private final class Handler implements RegionHandler {
        private final FilteredRegion region;
        private final ByteRange range;
        private final RegionHandler next;

        private Handler(FilteredRegion region, ByteRange range, RegionHandler next) {
            this.region = region;
            this.range = range;
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            check(AccessKind.READ, reads, offset, into.byteSize());
            return next.read(offset, into);
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            check(AccessKind.WRITE, writes, offset, from.byteSize());
            return next.write(offset, from);
        }

        private void check(AccessKind kind, ErrorSource source, long offset, long length) {
            Errno errno = range.touches(offset, length) ? next(source) : null;
            if (errno != null) {
                throw new DeviceException(
                        errno,
                        kind + " " + region.place(offset, length) + ": failed by the error filter");
            }
        }
    }

    private record Armed(int count, Errno errno) {
        private static final Armed NONE = new Armed(0, Errno.EIO);

        private Armed less() {
            return count > 1 ? new Armed(count - 1, errno) : NONE;
        }
    }
}
