package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.nvme.namespace.LbaFormat;
import io.vfiouser.devices.nvme.namespace.Namespace;
import java.lang.foreign.MemorySegment;

/// The Identify Namespace data structure (NVMe 1.4, figure of that name).
final class IdentifyNamespace {
    // The optimal sizes below are given.
    private static final int NSFEAT_OPTIMAL_SIZES = 1 << 4;

    private static final int READS_ZEROS = 1;
    private static final int WRITE_ZEROES_MAY_DEALLOCATE = 1 << 3;
    private static final int WRITE_PROTECTED = 1;

    private IdentifyNamespace() {}

    /// Writes it.
    ///
    /// @param data 4096 bytes, zeroed
    static void write(Namespace namespace, Identity identity, MemorySegment data) {
        BlockProperties properties = namespace.properties();
        long blocks = namespace.blocks();
        put(data, 0, 8, blocks);
        put(data, 8, 8, blocks);
        put(data, 16, 8, blocks);
        put(data, 24, 1, NSFEAT_OPTIMAL_SIZES);
        put(data, 25, 1, LbaFormat.COUNT - 1);
        put(data, 26, 1, LbaFormat.index(namespace.blockShift()));
        put(data, 33, 1, deallocation(properties));
        int optimal = Math.max(1, properties.preferredSize() >> namespace.blockShift()) - 1;
        for (int field = 64; field <= 70; field += 2) {
            put(data, field, 2, optimal); // write and deallocation: granularity and alignment
        }
        put(data, 99, 1, properties.readOnly() ? WRITE_PROTECTED : 0);
        NamespaceNames.of(namespace, identity).writeGuid(data, 104);
        for (int i = 0; i < LbaFormat.COUNT; i++) {
            put(data, 128 + 4L * i + 2, 1, LbaFormat.shift(i));
        }
    }

    private static int deallocation(BlockProperties properties) {
        int reads = properties.deallocatedReadsZero() ? READS_ZEROS : 0;
        return reads | (properties.deallocate() ? WRITE_ZEROES_MAY_DEALLOCATE : 0);
    }

    private static void put(MemorySegment data, long offset, int width, long value) {
        LittleEndian.put(data, offset, width, value);
    }
}
