package io.vfiouser.filters;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Tells of accesses once they are answered.
final class TracedHandler implements RegionHandler {
    private final FilteredRegion region;
    private final RegionHandler next;
    private final Consumer<TraceEvent> listener;

    TracedHandler(FilteredRegion region, RegionHandler next, Consumer<TraceEvent> listener) {
        this.region = region;
        this.next = next;
        this.listener = listener;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        long start = System.nanoTime();
        Completion completion;
        try {
            completion = next.read(offset, into);
        } catch (Throwable thrown) {
            tell(AccessKind.READ, offset, into.byteSize(), 0, thrown, Duration.ZERO);
            throw thrown;
        }
        if (completion instanceof Completion.Pending(var stage)) {
            return Completion.after(
                    stage.whenComplete((_, error) -> answered(offset, into, error, since(start))));
        }
        answered(offset, into, null, Duration.ZERO);
        return completion;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        long start = System.nanoTime();
        long size = from.byteSize();
        long value = value(from);
        Completion completion;
        try {
            completion = next.write(offset, from);
        } catch (Throwable thrown) {
            tell(AccessKind.WRITE, offset, size, value, thrown, Duration.ZERO);
            throw thrown;
        }
        if (completion instanceof Completion.Pending(var stage)) {
            return Completion.after(
                    stage.whenComplete((_, error) ->
                            tell(AccessKind.WRITE, offset, size, value, error, since(start))));
        }
        tell(AccessKind.WRITE, offset, size, value, null, Duration.ZERO);
        return completion;
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        return next.registerAt(offset);
    }

    private void answered(
            long offset, MemorySegment into, @Nullable Throwable error, Duration took) {
        long value = error == null ? value(into) : 0;
        tell(AccessKind.READ, offset, into.byteSize(), value, error, took);
    }

    private void tell(
            AccessKind kind,
            long offset,
            long size,
            long value,
            @Nullable Throwable error,
            Duration took) {
        Optional<Errno> errno = error == null ? Optional.empty() : Optional.of(errno(error));
        String place = region.place(offset, size);
        listener.accept(new TraceEvent.Access(kind, place, size, value, errno, took));
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static long value(MemorySegment bytes) {
        return LittleEndian.get(bytes, 0, (int) Math.min(bytes.byteSize(), Long.BYTES));
    }

    private static Errno errno(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof DeviceException refused ? refused.errno() : Errno.EIO;
    }
}
