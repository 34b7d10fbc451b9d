package io.vfiouser.server.stats;

import io.vfiouser.server.observe.LatencyStats;

/// Accesses to the regions of one device. Counted by its loop, read by any thread.
public final class AccessCounters {
    private static final int NO_REGION = -1;

    private final int regions;
    private final Tallies reads;
    private final Tallies writes;
    private final Tallies bytesRead;
    private final Tallies bytesWritten;
    private final LatencyTable readLatencies;
    private final LatencyTable writeLatencies;
    private int last = NO_REGION;

    /// @param regions how many there can be
    public AccessCounters(int regions) {
        this.regions = regions;
        this.reads = new Tallies(regions);
        this.writes = new Tallies(regions);
        this.bytesRead = new Tallies(regions);
        this.bytesWritten = new Tallies(regions);
        this.readLatencies = new LatencyTable(regions);
        this.writeLatencies = new LatencyTable(regions);
    }

    /// A read that goes to the device.
    public void read(int region, long bytes) {
        reads.add(region, 1);
        bytesRead.add(region, bytes);
        last = region;
    }

    /// A write that goes to the device.
    public void write(int region, long bytes) {
        writes.add(region, 1);
        bytesWritten.add(region, bytes);
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
        return reads.get(region);
    }

    long writes(int region) {
        return writes.get(region);
    }

    long bytesRead(int region) {
        return bytesRead.get(region);
    }

    long bytesWritten(int region) {
        return bytesWritten.get(region);
    }

    LatencyStats readLatency(int region) {
        return readLatencies.snapshot(region);
    }

    LatencyStats writeLatency(int region) {
        return writeLatencies.snapshot(region);
    }
}
