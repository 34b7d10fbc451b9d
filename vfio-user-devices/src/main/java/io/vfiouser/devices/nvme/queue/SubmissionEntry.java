package io.vfiouser.devices.nvme.queue;

import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A copy of one submission queue entry (NVMe 1.4: "Submission Queue Entry - Command Format"). The
/// guest can change what lies in its ring at any time, so nothing is looked at there twice.
public final class SubmissionEntry {
    private static final int WORDS = 8;

    private final long[] words = new long[WORDS];

    /// All zeros.
    public SubmissionEntry() {}

    /// Copies an entry.
    ///
    /// @param offset where it starts
    public void load(MemorySegment from, long offset) {
        for (int i = 0; i < WORDS; i++) {
            words[i] = from.get(LittleEndian.LONG, offset + 8L * i);
        }
    }

    /// The opcode, 0 to 0xff.
    public int opcode() {
        return (int) words[0] & 0xff;
    }

    /// The fused operation: 0 none, 1 first command, 2 second command.
    public int fuse() {
        return (int) words[0] >>> 8 & 3;
    }

    /// How the data pointer is to be read: 0 PRPs, 1 or 2 SGLs.
    public int psdt() {
        return (int) words[0] >>> 14 & 3;
    }

    /// The host's number for the command, 0 to 0xffff.
    public int commandId() {
        return (int) words[0] >>> 16;
    }

    /// Makes it an entry with nothing but this number.
    ///
    /// @param id its low 16 bits count
    public void setCommandId(int id) {
        Arrays.fill(words, 0);
        words[0] = (id & 0xffffL) << 16;
    }

    /// Sets what a command without data says: its namespace and dword 10.
    public void setTarget(int namespaceId, int cdw10) {
        words[0] = (words[0] & 0xffff_ffffL) | (long) namespaceId << 32;
        words[5] = cdw10 & 0xffff_ffffL;
    }

    /// The namespace id, unsigned.
    public int namespaceId() {
        return upper(0);
    }

    /// PRP entry 1, or the first half of the SGL descriptor.
    public long prp1() {
        return words[3];
    }

    /// PRP entry 2, or the second half of the SGL descriptor.
    public long prp2() {
        return words[4];
    }

    /// Command dword 10.
    public int cdw10() {
        return lower(5);
    }

    /// Command dword 11.
    public int cdw11() {
        return upper(5);
    }

    /// Command dwords 10 and 11 as one number: the starting LBA of I/O commands.
    public long cdw10And11() {
        return words[5];
    }

    /// Command dword 12.
    public int cdw12() {
        return lower(6);
    }

    /// Command dword 13.
    public int cdw13() {
        return upper(6);
    }

    /// Command dwords 12 and 13 as one number.
    public long cdw12And13() {
        return words[6];
    }

    /// Command dword 14.
    public int cdw14() {
        return lower(7);
    }

    private int lower(int word) {
        return (int) words[word];
    }

    private int upper(int word) {
        return (int) (words[word] >>> 32);
    }
}
