package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;

/// The SMART / Health Information log. Counters of more than 64 bits show their lowest 64,
/// unsigned.
///
/// @param criticalWarning bits, 0 if all is well
/// @param kelvin composite temperature
/// @param availableSpare percent
/// @param percentageUsed percent of the endurance, up to 255
/// @param dataUnitsRead thousands of 512 bytes
/// @param dataUnitsWritten thousands of 512 bytes
/// @param hostReads Read and Compare commands
/// @param hostWrites Write commands
/// @param busyMinutes minutes with commands at work
/// @param powerCycles how often power came
/// @param powerOnHours hours with power
/// @param unsafeShutdowns how often power went without a shutdown
/// @param mediaErrors errors of the medium
/// @param errorLogEntries entries the error log ever had
public record HealthLog(
        int criticalWarning,
        int kelvin,
        int availableSpare,
        int percentageUsed,
        long dataUnitsRead,
        long dataUnitsWritten,
        long hostReads,
        long hostWrites,
        long busyMinutes,
        long powerCycles,
        long powerOnHours,
        long unsafeShutdowns,
        long mediaErrors,
        long errorLogEntries) {
    static final int PAGE_ID = 2;
    static final int SIZE = 512;

    static HealthLog parse(MemorySegment data) {
        return new HealthLog(
                Words.u8(data, 0),
                Words.u16(data, 1),
                Words.u8(data, 3),
                Words.u8(data, 5),
                Words.i64(data, 32),
                Words.i64(data, 48),
                Words.i64(data, 64),
                Words.i64(data, 80),
                Words.i64(data, 96),
                Words.i64(data, 112),
                Words.i64(data, 128),
                Words.i64(data, 144),
                Words.i64(data, 160),
                Words.i64(data, 176));
    }
}
