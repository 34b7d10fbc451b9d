package io.vfiouser.devices.nvme;

import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// A submission queue entry that a test fills field by field.
final class HostCommand {
    static final int SIZE = 64;

    private final MemorySegment bytes = MemorySegment.ofArray(new byte[SIZE]);

    private HostCommand(int opcode) {
        LittleEndian.put(bytes, 0, 1, opcode);
    }

    static HostCommand of(int opcode) {
        return new HostCommand(opcode);
    }

    /// A read, write or compare of the first namespace.
    static HostCommand io(int opcode, long lba, int blocks) {
        return of(opcode)
                .namespace(1)
                .dword(10, (int) lba)
                .dword(11, (int) (lba >>> 32))
                .dword(12, blocks - 1);
    }

    HostCommand flags(int flags) {
        LittleEndian.put(bytes, 1, 1, flags);
        return this;
    }

    HostCommand id(int commandId) {
        LittleEndian.put(bytes, 2, 2, commandId);
        return this;
    }

    HostCommand namespace(int id) {
        return dword(1, id);
    }

    HostCommand data(long first) {
        return data(first, 0);
    }

    HostCommand data(long first, long second) {
        LittleEndian.put(bytes, 24, 8, first);
        LittleEndian.put(bytes, 32, 8, second);
        return this;
    }

    HostCommand dword(int number, int value) {
        LittleEndian.put(bytes, 4L * number, 4, value);
        return this;
    }

    MemorySegment bytes() {
        return bytes;
    }
}
