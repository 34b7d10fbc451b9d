package io.vfiouser.devices.testdev;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.util.function.BooleanSupplier;

/// Looks up addresses at random, as a measure of the look-up itself: 8 bytes at `source +
/// destination * (x % length)` each, with x from a xorshift generator.
final class Translations implements BooleanSupplier {
    private static final long SLICE = 2048;
    private static final int WIDTH = 8;

    private final GuestMemory memory;
    private final DmaCommand command;
    private long left;
    private long random = 0x9e37_79b9_7f4a_7c15L;

    Translations(GuestMemory memory, DmaCommand command) {
        this.memory = memory;
        this.command = command;
        this.left = command.repetitions();
    }

    @Override
    public boolean getAsBoolean() {
        long end = Math.max(0, left - SLICE);
        for (; left > end; left--) {
            long index = Long.remainderUnsigned(nextRandom(), command.length());
            translate(command.source() + command.destination() * index);
        }
        return left > 0;
    }

    private long nextRandom() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return random;
    }

    private void translate(long iova) {
        if (!memory.isDirect(iova, WIDTH, AccessMode.READ)) {
            requireReadable(iova);
            requireReadable(iova + WIDTH - 1);
        }
    }

    /// The slow way, for memory that is reached by messages, and for the reason of a refusal.
    private void requireReadable(long iova) {
        for (DmaRange range : memory.ranges()) {
            if (Iova.contains(range.iova(), range.length(), iova, 1)) {
                if (!range.readable()) {
                    throw refused(Errno.EACCES, iova, "a readable region");
                }
                return;
            }
        }
        throw refused(Errno.ENOENT, iova, "an address in a region");
    }

    private static DeviceException refused(Errno errno, long iova, String expected) {
        return new DeviceException(
                errno, "iova: " + Iova.hex(iova) + " (expected: " + expected + ")");
    }
}
