package io.vfiouser.testkit;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.TreeSet;

/// Trapped accesses to the BARs, with the checks that the server makes before a device sees them.
final class BarAccess {
    private final DeviceLayout layout;

    BarAccess(DeviceLayout layout) {
        this.layout = layout;
    }

    Completion read(int bar, long offset, byte[] into) {
        Region region = region(bar);
        check(describe("read", bar, offset), region, region.readable(), offset, into.length);
        return region.handler().read(offset, MemorySegment.ofArray(into));
    }

    Completion write(int bar, long offset, byte[] from) {
        Region region = region(bar);
        check(describe("write", bar, offset), region, region.writable(), offset, from.length);
        return region.handler().write(offset, MemorySegment.ofArray(from).asReadOnly());
    }

    static String describe(String what, int bar, long offset) {
        return what + " BAR" + bar + "+0x" + Long.toHexString(offset);
    }

    private Region region(int bar) {
        return layout.bar(bar)
                .map(Bar::region)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "BAR"
                                        + bar
                                        + " (expected: one of "
                                        + new TreeSet<>(layout.bars().keySet())
                                        + ")"));
    }

    private static void check(String what, Region region, boolean allowed, long offset, int count) {
        if (!allowed) {
            throw new DeviceException(Errno.EINVAL, what + " (expected: a region that allows it)");
        }
        if (count < 1 || offset < 0 || offset > region.size() - count) {
            throw new DeviceException(
                    Errno.EINVAL,
                    what
                            + ", count: "
                            + count
                            + " (expected: within 0x"
                            + Long.toHexString(region.size())
                            + " bytes)");
        }
    }
}
