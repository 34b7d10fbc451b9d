package io.vfiouser.nvme;

import io.vfiouser.client.RemoteRegion;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The registers of a controller, and what is done with them to enable it and to shut it down (NVMe
/// 1.4: "Controller Registers").
final class Registers {
    /// The region that has them.
    static final int BAR = 0;

    /// Where the doorbells begin.
    static final long DOORBELLS = 0x1000;

    private static final long CAP = 0x00;
    private static final long VS = 0x08;
    private static final long CC = 0x14;
    private static final long CSTS = 0x1c;
    private static final long AQA = 0x24;
    private static final long ASQ = 0x28;
    private static final long ACQ = 0x30;

    private static final int CC_ENABLE = 1;
    private static final int CC_ENTRY_SIZES = 0x46_0000; // 64 and 16 bytes
    private static final int CC_SHUTDOWN = 3 << 14;
    private static final int CC_NORMAL_SHUTDOWN = 1 << 14;
    private static final int CSTS_READY = 1;
    private static final int CSTS_FATAL = 2;
    private static final int CSTS_SHUTDOWN = 3 << 2;
    private static final int CSTS_SHUTDOWN_DONE = 2 << 2;
    private static final long UNIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final RemoteRegion bar;
    private final long capabilities;
    private final int version;

    /// Reads what the controller can do.
    ///
    /// @throws ControllerException if it does not take pages of 4 KiB
    Registers(RemoteRegion bar) {
        this.bar = bar;
        bar.read64(CAP);
        version = (int) bar.read32(VS);
        capabilities = bar.read64(CAP);
        int minimum = (int) (capabilities >>> 48) & 0xf;
        if (minimum != 0) {
            throw new ControllerException("CAP.MPSMIN: " + minimum + " (expected: 0, for 4 KiB)");
        }
    }

    /// Major version in bits 31:16, minor in bits 15:8.
    int version() {
        return version;
    }

    /// Entries of the largest queue, 1 to 65536.
    int maxEntries() {
        return (int) (capabilities & 0xffff) + 1;
    }

    /// Bytes from one doorbell to the next.
    long stride() {
        return 4L << (capabilities >>> 32 & 0xf);
    }

    /// Whether the controller has met an error that only a reset ends.
    boolean isFatal() {
        return (bar.read32(CSTS) & CSTS_FATAL) != 0;
    }

    /// Resets the controller if it is enabled, and enables it.
    ///
    /// @param sq DMA address of the admin submission queue
    /// @param cq DMA address of the admin completion queue
    /// @param entries of each
    void enable(long sq, long cq, int entries) {
        int configuration = (int) bar.read32(CC);
        int status = (int) bar.read32(CSTS);
        if ((configuration & CC_ENABLE) != 0) {
            bar.write32(CC, configuration & ~CC_ENABLE);
        }
        if ((status & CSTS_READY) != 0) {
            await("CSTS.RDY, after a reset", CSTS_READY, 0);
        }
        bar.write64(ASQ, sq);
        bar.write64(ACQ, cq);
        bar.write32(AQA, (long) (entries - 1) << 16 | (entries - 1));
        bar.write32(CC, CC_ENTRY_SIZES | CC_ENABLE);
        await("CSTS.RDY, after CC.EN", CSTS_READY, CSTS_READY);
    }

    /// Shuts the controller down in the normal way.
    void shutdown() {
        long configuration = bar.read32(CC) & ~CC_SHUTDOWN;
        bar.write32(CC, configuration | CC_NORMAL_SHUTDOWN);
        await("CSTS.SHST, after CC.SHN", CSTS_SHUTDOWN, CSTS_SHUTDOWN_DONE);
    }

    private void await(String what, int mask, int wanted) {
        long limit = Math.max(capabilities >>> 24 & 0xff, 1) * UNIT_NANOS;
        long start = System.nanoTime();
        int status = (int) bar.read32(CSTS);
        while ((status & mask) != wanted) {
            if ((status & CSTS_FATAL) != 0) {
                throw new ControllerException(
                        "CSTS: 0x%x (expected: no Controller Fatal Status, waiting for %s)"
                                .formatted(status, what));
            }
            if (System.nanoTime() - start > limit) {
                throw new ControllerException(
                        "CSTS: 0x%x after %s (expected: 0x%x in 0x%x; %s)"
                                .formatted(status, Duration.ofNanos(limit), wanted, mask, what));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            status = (int) bar.read32(CSTS);
        }
    }
}
