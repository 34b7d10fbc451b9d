package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.spec.AdminOpcode;
import io.vfiouser.devices.nvme.spec.IoOpcode;
import java.lang.foreign.MemorySegment;

/// The Commands Supported and Effects log page (NVMe 1.4, section of that name).
final class CommandEffects {
    private static final int SUPPORTED = 1;
    private static final int CHANGES_BLOCKS = 1 << 1;
    private static final int CHANGES_NAMESPACE = 1 << 2;
    private static final int ONE_PER_NAMESPACE = 1 << 16;
    private static final int IO_COMMANDS = 256;

    private static final int[] ADMIN = {
        AdminOpcode.DELETE_IO_SQ,
        AdminOpcode.CREATE_IO_SQ,
        AdminOpcode.GET_LOG_PAGE,
        AdminOpcode.DELETE_IO_CQ,
        AdminOpcode.CREATE_IO_CQ,
        AdminOpcode.IDENTIFY,
        AdminOpcode.ABORT,
        AdminOpcode.SET_FEATURES,
        AdminOpcode.GET_FEATURES,
        AdminOpcode.ASYNC_EVENT_REQUEST,
        AdminOpcode.KEEP_ALIVE
    };
    private static final int[] READING = {
        IoOpcode.FLUSH, IoOpcode.READ, IoOpcode.COMPARE, IoOpcode.VERIFY
    };
    private static final int[] WRITING = {
        IoOpcode.WRITE, IoOpcode.WRITE_ZEROES, IoOpcode.DATASET_MANAGEMENT
    };

    private CommandEffects() {}

    /// Writes the page.
    ///
    /// @param page 4096 bytes, zeroed
    static void write(Identity identity, MemorySegment page) {
        for (int opcode : ADMIN) {
            put(page, opcode, SUPPORTED);
        }
        put(
                page,
                AdminOpcode.FORMAT_NVM,
                SUPPORTED | CHANGES_BLOCKS | CHANGES_NAMESPACE | ONE_PER_NAMESPACE);
        if (identity.shadowDoorbells()) {
            put(page, AdminOpcode.DOORBELL_BUFFER_CONFIG, SUPPORTED);
        }
        for (int opcode : READING) {
            put(page, IO_COMMANDS + opcode, SUPPORTED);
        }
        for (int opcode : WRITING) {
            put(page, IO_COMMANDS + opcode, SUPPORTED | CHANGES_BLOCKS);
        }
    }

    private static void put(MemorySegment page, int index, int effects) {
        page.set(LittleEndian.INT, (long) index * Integer.BYTES, effects);
    }
}
