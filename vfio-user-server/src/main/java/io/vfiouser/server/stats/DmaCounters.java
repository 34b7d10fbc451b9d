package io.vfiouser.server.stats;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.server.observe.DmaStats;

/// A device's use of client memory. Counted by its loop, read by any thread.
public final class DmaCounters {
    private static final int REGIONS = 0;
    private static final int BYTES = 1;
    private static final int READ = 2;
    private static final int WRITTEN = 3;

    private final Tallies tallies = new Tallies(4);

    /// No memory, nothing used.
    public DmaCounters() {}

    /// The client has made memory known.
    public void mapped(DmaRange range) {
        tallies.add(REGIONS, 1);
        tallies.add(BYTES, range.length());
    }

    /// The client has taken memory back.
    public void unmapped(DmaRange range) {
        tallies.add(REGIONS, -1);
        tallies.add(BYTES, -range.length());
    }

    /// The device gets at a range, by a lease or a copy.
    public void used(AccessMode mode, long bytes) {
        if (mode.reads()) {
            tallies.add(READ, bytes);
        }
        if (mode.writes()) {
            tallies.add(WRITTEN, bytes);
        }
    }

    DmaStats snapshot() {
        return new DmaStats(
                tallies.get(REGIONS), tallies.get(BYTES), tallies.get(READ), tallies.get(WRITTEN));
    }
}
