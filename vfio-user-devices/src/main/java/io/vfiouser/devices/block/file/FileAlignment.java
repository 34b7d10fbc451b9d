package io.vfiouser.devices.block.file;

import io.vfiouser.devices.block.SegmentList;
import io.vfiouser.os.DiskFile;

/// What direct I/O asks of memory.
///
/// @param address what addresses must be multiples of
/// @param length what lengths must be multiples of
record FileAlignment(int address, int length) {
    static FileAlignment of(DiskFile file) {
        return new FileAlignment(file.memoryAlignment(), file.offsetAlignment());
    }

    /// Whether all ranges can be used as they are.
    boolean fits(SegmentList list) {
        if (address == 1 && length == 1) {
            return true;
        }
        for (int i = 0; i < list.count(); i++) {
            if (list.address(i) % address != 0 || list.length(i) % length != 0) {
                return false;
            }
        }
        return true;
    }
}
