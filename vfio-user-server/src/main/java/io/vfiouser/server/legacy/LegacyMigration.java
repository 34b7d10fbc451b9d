package io.vfiouser.server.legacy;

import static io.vfiouser.protocol.LegacyFormat.DATA_OFFSET_AT;
import static io.vfiouser.protocol.LegacyFormat.DATA_SIZE_AT;
import static io.vfiouser.protocol.LegacyFormat.DEVICE_STATE_AT;
import static io.vfiouser.protocol.LegacyFormat.PENDING_BYTES_AT;
import static io.vfiouser.protocol.LegacyFormat.RESERVED_AT;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.server.dispatch.DeviceCalls;
import io.vfiouser.server.dispatch.QuietPeriod;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.migration.MigrationMachine;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The migration region of one legacy client, in front of a device that migrates as devices do
/// today: registers in its first 4096 bytes, then the data, which the client may map (spec of 2021:
/// "VFIO Device Migration Info").
///
/// | register      | offset | bytes |                                              |
/// |---------------|--------|-------|----------------------------------------------|
/// | device_state  | 0      | 4     | [LegacyState]                                |
/// | reserved      | 4      | 4     | reads 0, writes do nothing                   |
/// | pending_bytes | 8      | 8     | read only; begins an iteration               |
/// | data_offset   | 16     | 8     | read only; makes the next data available     |
/// | data_size     | 24     | 8     | of these data; to be written when resuming   |
///
/// Each register is accessed alone and whole, and what lies between them and the data not at all;
/// else the client gets `EINVAL`. [LegacySaving] and [LegacyLoading] are the two directions.
final class LegacyMigration implements RegionHandler, AutoCloseable {
    private static final long DATA_AT = DeviceLayout.LEGACY_REGISTER_AREA_SIZE;

    private final LegacyStates states;
    private final LegacySaving saving;
    private final LegacyLoading loading;
    private final SharedMemory memory;

    LegacyMigration(MigrationMachine migration, DmaTable dma, DeviceCalls device) {
        this.memory = SharedMemory.create("migration", DATA_AT + migration.legacyAreaSize());
        MemorySegment data = memory.segment().asSlice(DATA_AT);
        this.states = new LegacyStates(migration, new QuietPeriod(dma, device));
        this.saving = new LegacySaving(migration, data);
        this.loading = new LegacyLoading(migration, data);
    }

    /// The region as clients see it.
    Region region() {
        var data = new MappableArea(DATA_AT, memory.size() - DATA_AT);
        return Region.of(memory.size(), this)
                .mappable(new MappableMemory(memory, 0, List.of(data)));
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        if (offset >= DATA_AT) {
            MemorySegment.copy(memory.segment(), offset, into, 0, into.byteSize());
            return Completion.DONE;
        }
        switch (register(offset, into.byteSize())) {
            case DEVICE_STATE_AT -> put(into, states.current().value());
            case RESERVED_AT -> put(into, 0);
            case PENDING_BYTES_AT -> {
                return saving.pendingBytes(states.current(), bytes -> put(into, bytes));
            }
            case DATA_OFFSET_AT -> {
                if (states.current() == LegacyState.RESUMING) {
                    put(into, DATA_AT);
                    return Completion.DONE;
                }
                return saving.prepare(states.current(), _ -> put(into, DATA_AT));
            }
            case DATA_SIZE_AT -> {
                if (states.current() == LegacyState.RESUMING) {
                    put(into, loading.lastSize());
                    return Completion.DONE;
                }
                return saving.prepare(states.current(), bytes -> put(into, bytes));
            }
            default -> throw noRegister(offset, into.byteSize());
        }
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        if (offset >= DATA_AT) {
            requireResuming("write of migration data");
            MemorySegment.copy(from, 0, memory.segment(), offset, from.byteSize());
            return Completion.DONE;
        }
        return switch (register(offset, from.byteSize())) {
            case DEVICE_STATE_AT -> change(from.get(LittleEndian.INT, 0));
            case RESERVED_AT -> Completion.DONE;
            case DATA_SIZE_AT -> {
                requireResuming("write of data_size");
                yield loading.load(from.get(LittleEndian.LONG, 0));
            }
            default ->
                    throw LegacyCommands.refused(
                            "write of migration register 0x%x (expected: device_state, or data_size)"
                                    .formatted(offset));
        };
    }

    @Override
    public void close() {
        memory.close();
    }

    private Completion change(int value) {
        LegacyState next = LegacyState.of(value);
        LegacyState before = states.current();
        return states.change(next)
                .then(() -> {
                    saving.stateChanged(before, next);
                    loading.restart();
                    return Completion.DONE;
                });
    }

    private void requireResuming(String what) {
        if (states.current() != LegacyState.RESUMING) {
            throw LegacyCommands.refused(
                    "%s in state %s (expected: RESUMING)".formatted(what, states.current()));
        }
    }

    /// The offset of the register that is accessed.
    private static int register(long offset, long size) {
        boolean whole =
                switch ((int) offset) {
                    case DEVICE_STATE_AT, RESERVED_AT -> size == Integer.BYTES;
                    case PENDING_BYTES_AT, DATA_OFFSET_AT, DATA_SIZE_AT -> size == Long.BYTES;
                    default -> false;
                };
        if (!whole) {
            throw noRegister(offset, size);
        }
        return (int) offset;
    }

    private static RequestRejectedException noRegister(long offset, long size) {
        return LegacyCommands.refused(
                "access of %d bytes at 0x%x of the migration region (expected: a whole register)"
                        .formatted(size, offset));
    }

    /// Stores a number in as many bytes as the register has.
    private static void put(MemorySegment into, long value) {
        LittleEndian.put(into, 0, (int) into.byteSize(), value);
    }
}
