package io.vfiouser.devices.timer;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/// BAR0 of [TimerDevice]: one signed 64-bit time in seconds. A write arms the timer; a read gives
/// how many seconds ago the time last written was, negative if it is still to come. Any access but
/// to the whole register is refused with `EINVAL`.
final class TimeRegister implements RegionHandler {
    /// Bytes of the register.
    static final int SIZE = Long.BYTES;

    private final LongSupplier clock;
    private final WallTimer timer;

    TimeRegister(LongSupplier clock, WallTimer timer) {
        this.clock = clock;
        this.timer = timer;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        checkWhole(offset, into);
        into.set(LittleEndian.LONG, 0, clock.getAsLong() - timer.time());
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        checkWhole(offset, from);
        timer.arm(from.get(LittleEndian.LONG, 0));
        return Completion.DONE;
    }

    private static void checkWhole(long offset, MemorySegment access) {
        if (offset != 0 || access.byteSize() != SIZE) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "offset: 0x"
                            + Long.toHexString(offset)
                            + ", count: "
                            + access.byteSize()
                            + " (expected: the whole of TIME, "
                            + SIZE
                            + " bytes at 0x0)");
        }
    }
}
