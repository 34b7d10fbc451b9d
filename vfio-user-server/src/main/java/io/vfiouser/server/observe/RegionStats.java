package io.vfiouser.server.observe;

/// What was counted of the accesses to one region by messages; those through a mapping and through
/// ioeventfds pass the server by.
///
/// @param index on the wire
/// @param name such as `BAR2` or `config space`
/// @param reads REGION_READs that reached it
/// @param bytesRead bytes of them
/// @param readLatency how long they took; of about each sixteenth short one and of all others
/// @param writes REGION_WRITEs that reached it, and the parts of REGION_WRITE_MULTIs
/// @param bytesWritten bytes of them
/// @param writeLatency how long REGION_WRITEs took, as `readLatency`
public record RegionStats(
        int index,
        String name,
        long reads,
        long bytesRead,
        LatencyStats readLatency,
        long writes,
        long bytesWritten,
        LatencyStats writeLatency) {}
