package io.vfiouser.it.support;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Commands for the DMA engine of testdev (`docs/devices/testdev.md`).
public final class DmaCommands {
    /// Region with the register.
    public static final int BAR = 2;

    /// Offset of the register.
    public static final long REGISTER = 0x8;

    /// The flag of a copy by messages only.
    public static final int BY_MESSAGE = 1;

    private DmaCommands() {}

    /// Has the device copy client memory, and waits for it.
    public static void copy(VfioUserClient client, long from, long to, long length, int flags) {
        client.writeBytes(BAR, REGISTER, command(from, to, length, flags));
    }

    /// The value of the register.
    public static byte[] command(long from, long to, long length, int flags) {
        byte[] command = new byte[32];
        MemorySegment fields = MemorySegment.ofArray(command);
        fields.set(LittleEndian.LONG, 0, from);
        fields.set(LittleEndian.LONG, 8, to);
        fields.set(LittleEndian.LONG, 16, length);
        fields.set(LittleEndian.LONG, 24, flags);
        return command;
    }
}
