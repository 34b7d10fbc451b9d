package io.vfiouser.testkit;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.filters.AccessKind;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.filters.TraceEvent;
import io.vfiouser.os.Errno;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The last accesses of a [DeviceTester], by register names.
final class AccessLog {
    private static final int REMEMBERED = 50;

    private final Map<Integer, FilteredRegion> regions = new HashMap<>();
    private final ArrayDeque<TraceEvent.Access> last = new ArrayDeque<>();

    AccessLog(DeviceLayout layout) {
        FilteredRegion.of(layout).forEach(region -> regions.put(region.index(), region));
    }

    /// An access has ended.
    ///
    /// @param error what the device threw, if it did
    void add(AccessKind kind, int bar, long offset, byte[] bytes, @Nullable Throwable error) {
        FilteredRegion region = regions.get(bar);
        if (region == null || bytes.length == 0) {
            return; // the test's own mistake, which its exception names
        }
        if (last.size() == REMEMBERED) {
            last.removeFirst();
        }
        last.add(
                new TraceEvent.Access(
                        kind,
                        region.place(offset, bytes.length),
                        bytes.length,
                        value(bytes),
                        Optional.ofNullable(error).map(AccessLog::errno),
                        Duration.ZERO));
    }

    List<TraceEvent.Access> last() {
        return List.copyOf(last);
    }

    private static Errno errno(Throwable error) {
        return error instanceof DeviceException refused ? refused.errno() : Errno.EIO;
    }

    private static long value(byte[] bytes) {
        long value = 0;
        for (int i = Math.min(bytes.length, Long.BYTES) - 1; i >= 0; i--) {
            value = value << Byte.SIZE | Byte.toUnsignedLong(bytes[i]);
        }
        return value;
    }
}
