package io.vfiouser.server.dispatch;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.SubRegionFd;
import io.vfiouser.server.region.DoorbellTable;
import io.vfiouser.server.region.InstalledDoorbell;
import io.vfiouser.server.region.RegionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// DEVICE_GET_REGION_IO_FDS: the doorbells of a region.
///
/// A reply has all descriptors at once, so doorbells whose descriptors would be more than the
/// client takes in one message (its `max_msg_fds`) are left out: writes to those come as messages.
final class RegionIoFds {
    private final RegionTable regions;
    private final DoorbellTable doorbells;

    RegionIoFds(RegionTable regions, DoorbellTable doorbells) {
        this.regions = regions;
        this.doorbells = doorbells;
    }

    Answer run(DeviceGetRegionIoFds request) {
        regions.find(request.region());
        var attached = new Attached();
        var entries = new ArrayList<SubRegionFd>();
        for (InstalledDoorbell installed : doorbells.of(request.region())) {
            if (attached.hasRoomFor(installed.doorbell())) {
                entries.add(entry(installed, attached));
            }
        }
        DeviceGetRegionIoFds.Reply reply = DeviceGetRegionIoFds.Reply.to(request, entries);
        return reply.entries().isEmpty()
                ? Answer.now(reply)
                : new Answer.Now(reply, attached.open());
    }

    private static SubRegionFd entry(InstalledDoorbell installed, Attached attached) {
        Doorbell doorbell = installed.doorbell();
        int flags =
                (doorbell.match().isPresent() ? SubRegionFd.DATAMATCH : 0)
                        | (installed.isPortIo() ? SubRegionFd.PORT_IO : 0);
        int eventFd = doorbell.silent() ? SubRegionFd.NO_FD : attached.add(installed::descriptor);
        int shadow = 0;
        long shadowOffset = 0;
        if (doorbell.shadow().isPresent()) {
            shadow = attached.addOnce(doorbell.shadow().get().memory());
            shadowOffset = doorbell.shadow().get().offset();
        }
        return new SubRegionFd(
                doorbell.offset(),
                doorbell.size(),
                eventFd,
                doorbell.shadow().isPresent()
                        ? SubRegionFd.SHADOW_IOEVENTFD
                        : SubRegionFd.IOEVENTFD,
                flags,
                shadow,
                shadowOffset,
                doorbell.match().orElse(0));
    }

    /// The descriptors of a reply: numbered first, made only once it is known that they are sent.
    private final class Attached {
        private final List<Supplier<FileDescriptor>> sources = new ArrayList<>();
        private final List<SharedMemory> memories = new ArrayList<>();
        private final List<Integer> memoryIndexes = new ArrayList<>();

        boolean hasRoomFor(Doorbell doorbell) {
            int more = doorbell.silent() ? 0 : 1;
            if (doorbell.shadow().isPresent()
                    && !memories.contains(doorbell.shadow().get().memory())) {
                more++;
            }
            return sources.size() + more <= doorbells.maxDescriptors();
        }

        int add(Supplier<FileDescriptor> source) {
            sources.add(source);
            return sources.size() - 1;
        }

        /// Doorbells that share memory share its descriptor.
        int addOnce(SharedMemory memory) {
            int known = memories.indexOf(memory);
            if (known >= 0) {
                return memoryIndexes.get(known);
            }
            memories.add(memory);
            memoryIndexes.add(add(memory::duplicate));
            return sources.size() - 1;
        }

        FdBundle open() {
            var descriptors = new ArrayList<FileDescriptor>(sources.size());
            try {
                sources.forEach(source -> descriptors.add(source.get()));
            } catch (Throwable thrown) {
                FdBundle.ofOwned(descriptors).close();
                throw thrown;
            }
            return FdBundle.ofOwned(descriptors);
        }
    }
}
