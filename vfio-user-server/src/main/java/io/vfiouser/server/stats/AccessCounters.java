package io.vfiouser.server.stats;

import io.vfiouser.server.observe.LatencyStats;

/// Accesses to the regions of one device. Counted by its loop, read by any thread.
public final class AccessCounters {
    private static final int NO_REGION = -1;

    // What is counted of a region lies side by side, in one line of a cache.
    private static final int READS = 0;
    private static final int BYTES_READ = 1;
    private static final int WRITES = 2;
    private static final int BYTES_WRITTEN = 3;
    private static final int KINDS = 4;

    private final int regions;
    private final Tallies tallies;
    private final LatencyTable readLatencies;
    private final LatencyTable writeLatencies;
    private int last = NO_REGION;

    /// @param regions how many there can be
    public AccessCounters(int regions) {
        this.regions = regions;
        this.tallies = new Tallies(KINDS * regions);
        this.readLatencies = new LatencyTable(regions);
        this.writeLatencies = new LatencyTable(regions);
    }

    /// A read that goes to the device.
    public void read(int region, long bytes) {
        tallies.add(KINDS * region + READS, 1);
        tallies.add(KINDS * region + BYTES_READ, bytes);
        last = region;
    }

    /// A write that goes to the device.
    public void write(int region, long bytes) {
        tallies.add(KINDS * region + WRITES, 1);
        tallies.add(KINDS * region + BYTES_WRITTEN, bytes);
        last = region;
    }

    /// A command begins whose time will be told.
    void expectTime() {
        last = NO_REGION;
    }

    void tookRead(long nanos) {
        if (last != NO_REGION) {
            readLatencies.record(last, nanos);
        }
    }

    void tookWrite(long nanos) {
        if (last != NO_REGION) {
            writeLatencies.record(last, nanos);
        }
    }

    int regions() {
        return regions;
    }

    long reads(int region) {
        return tallies.get(KINDS * region + READS);
    }

    long writes(int region) {
        return tallies.get(KINDS * region + WRITES);
    }

    long bytesRead(int region) {
        return tallies.get(KINDS * region + BYTES_READ);
    }

    long bytesWritten(int region) {
        return tallies.get(KINDS * region + BYTES_WRITTEN);
    }

    LatencyStats readLatency(int region) {
        return readLatencies.snapshot(region);
    }

    LatencyStats writeLatency(int region) {
        return writeLatencies.snapshot(region);
    }
}
