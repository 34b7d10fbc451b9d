package io.vfiouser.devices.nvme.log;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.spec.Limits;
import java.lang.foreign.MemorySegment;

/// The latest errors (NVMe 1.4: "Error Information").
public final class ErrorLog {
    /// Bytes of an entry.
    public static final int ENTRY_SIZE = 64;

    private static final int NO_LOCATION = 0xffff;

    private final Entry[] entries = new Entry[Limits.ERROR_LOG_ENTRIES];
    private long count;

    /// No errors.
    public ErrorLog() {}

    /// Errors since the device was made.
    public long count() {
        return count;
    }

    /// Goes on counting from where another process was.
    public void restore(long count) {
        this.count = count;
    }

    /// Notes the error of a command.
    ///
    /// @param status type and code and flags, without the phase
    /// @param lba the first LBA of an I/O command, else 0
    public void add(int queue, int commandId, int status, long lba, int namespace) {
        entries[(int) Math.floorMod(count, (long) entries.length)] =
                new Entry(++count, queue, commandId, status, lba, namespace);
    }

    /// Notes an error that no command is to blame for.
    public void add(int status) {
        add(NO_LOCATION, NO_LOCATION, status, 0, 0);
    }

    /// The log page, the latest error first.
    ///
    /// @param into of [Limits#ERROR_LOG_ENTRIES] entries, zeroed
    public void write(MemorySegment into) {
        long at = 0;
        for (int i = 0; i < entries.length; i++) {
            Entry entry = entries[(int) Math.floorMod(count - 1 - i, (long) entries.length)];
            if (entry != null) {
                entry.write(into, at);
                at += ENTRY_SIZE;
            }
        }
    }

    private record Entry(
            long number, int queue, int commandId, int status, long lba, int namespace) {
        void write(MemorySegment into, long at) {
            LittleEndian.put(into, at, 8, number);
            LittleEndian.put(into, at + 8, 2, queue);
            LittleEndian.put(into, at + 10, 2, commandId);
            LittleEndian.put(into, at + 12, 2, (long) status << 1);
            LittleEndian.put(into, at + 14, 2, NO_LOCATION);
            LittleEndian.put(into, at + 16, 8, lba);
            LittleEndian.put(into, at + 24, 4, namespace);
        }
    }
}
