package io.vfiouser.devices.nvme.guest;

import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;

/// Copies between a buffer and ranges of guest memory of any kind: mapped here, or reached by
/// messages. For what is not worth a look at how the memory is reached: the data of admin commands,
/// and data of clients that do not share their memory.
public final class GuestCopy {
    private GuestCopy() {}

    /// Fills a buffer from guest memory.
    ///
    /// @param into as long as the ranges together; must stay valid until the completion is done
    /// @throws io.vfiouser.device.outcome.DeviceException if the first range cannot be reached
    public static Completion fromGuest(GuestMemory memory, Extents extents, MemorySegment into) {
        Completion all = Completion.DONE;
        long done = 0;
        for (int i = 0; i < extents.count(); i++) {
            long iova = extents.iova(i);
            MemorySegment part = into.asSlice(done, extents.length(i));
            all = all.then(() -> memory.read(iova, part));
            done += part.byteSize();
        }
        return all;
    }

    /// Stores a buffer in guest memory.
    ///
    /// @param from as long as the ranges together; must stay valid until the completion is done
    /// @throws io.vfiouser.device.outcome.DeviceException if the first range cannot be reached
    public static Completion toGuest(GuestMemory memory, Extents extents, MemorySegment from) {
        Completion all = Completion.DONE;
        long done = 0;
        for (int i = 0; i < extents.count(); i++) {
            long iova = extents.iova(i);
            MemorySegment part = from.asSlice(done, extents.length(i));
            all = all.then(() -> memory.write(iova, part));
            done += part.byteSize();
        }
        return all;
    }
}
