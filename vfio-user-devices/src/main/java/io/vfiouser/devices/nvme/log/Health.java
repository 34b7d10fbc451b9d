package io.vfiouser.devices.nvme.log;

import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Counters of the SMART log (NVMe 1.4: "SMART / Health Information").
public final class Health {
    /// The temperature that is reported, in kelvin: 30 degrees Celsius.
    public static final int TEMPERATURE = 303;

    /// Bytes of the log page.
    public static final int PAGE_SIZE = 512;

    private static final int SPARE_PERCENT = 100;
    private static final int SPARE_THRESHOLD_PERCENT = 10;
    private static final long UNIT = 512 * 1000L;
    private static final long NANOS_PER_HOUR = 3_600_000_000_000L;

    private final long startNanos = System.nanoTime();
    private long bytesRead;
    private long bytesWritten;
    private long reads;
    private long writes;
    private long unsafeShutdowns;
    private long mediaErrors;

    /// Nothing done yet.
    public Health() {}

    /// A read or compare of the host.
    public void read(long bytes) {
        bytesRead += bytes;
        reads++;
    }

    /// A write of the host.
    public void written(long bytes) {
        bytesWritten += bytes;
        writes++;
    }

    /// The client went without a shutdown.
    public void unsafeShutdown() {
        unsafeShutdowns++;
    }

    /// The storage could not read or write.
    public void mediaError() {
        mediaErrors++;
    }

    /// The counters for migration.
    public long[] counters() {
        return new long[] {bytesRead, bytesWritten, reads, writes, unsafeShutdowns, mediaErrors};
    }

    /// Goes on counting from where another process was.
    ///
    /// @param counters as [#counters()] gave them
    public void restore(long[] counters) {
        bytesRead = counters[0];
        bytesWritten = counters[1];
        reads = counters[2];
        writes = counters[3];
        unsafeShutdowns = counters[4];
        mediaErrors = counters[5];
    }

    /// The log page.
    ///
    /// @param into of [#PAGE_SIZE] bytes, zeroed
    /// @param errors how many errors the error log has counted
    /// @param readOnly whether the storage takes no writes
    public void write(MemorySegment into, long errors, boolean readOnly) {
        LittleEndian.put(into, 0, 1, readOnly ? 1 << 3 : 0);
        LittleEndian.put(into, 1, 2, TEMPERATURE);
        LittleEndian.put(into, 3, 1, SPARE_PERCENT);
        LittleEndian.put(into, 4, 1, SPARE_THRESHOLD_PERCENT);
        LittleEndian.put(into, 32, 8, units(bytesRead));
        LittleEndian.put(into, 48, 8, units(bytesWritten));
        LittleEndian.put(into, 64, 8, reads);
        LittleEndian.put(into, 80, 8, writes);
        LittleEndian.put(into, 112, 8, 1); // power cycles
        LittleEndian.put(into, 128, 8, (System.nanoTime() - startNanos) / NANOS_PER_HOUR);
        LittleEndian.put(into, 144, 8, unsafeShutdowns);
        LittleEndian.put(into, 160, 8, mediaErrors);
        LittleEndian.put(into, 176, 8, errors);
    }

    private static long units(long bytes) {
        return (bytes + UNIT - 1) / UNIT;
    }
}
