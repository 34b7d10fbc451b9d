package io.vfiouser.client.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The client memory that a server may use, by DMA address, and the answers to its `DMA_READ` and
/// `DMA_WRITE`.
///
/// An access may cross regions that lie side by side. Refused are, as QEMU does it, an address in
/// no region with ENODEV and an access that the flags of a region forbid with EPERM; a segment that
/// is no longer backed by memory gives EFAULT. May be used from any thread; the segments stay the
/// caller's.
public final class ClientMemory implements DmaResponder {
    private final List<Region> regions = new CopyOnWriteArrayList<>();

    /// Memory without a region.
    public ClientMemory() {}

    /// Adds a region. Where regions overlap, the one added first counts.
    ///
    /// @param iova DMA address of the first byte
    /// @param segment the memory; accessible from any thread
    /// @param flags what the server may do
    /// @return the region, to remove exactly this one
    public Region add(long iova, MemorySegment segment, DmaFlags flags) {
        var region = new Region(iova, segment, flags);
        regions.add(region);
        return region;
    }

    /// Removes one region; nothing happens if it is gone.
    public void remove(Region region) {
        regions.remove(region);
    }

    /// Removes the region with exactly this address and size.
    ///
    /// @return whether there was one
    public boolean remove(long iova, long size) {
        for (Region region : regions) {
            if (region.iova == iova && region.segment.byteSize() == size) {
                remove(region);
                return true;
            }
        }
        return false;
    }

    /// Removes all regions.
    public void clear() {
        regions.clear();
    }

    /// The regions, in the order in which they were added.
    public List<Region> regions() {
        return List.copyOf(regions);
    }

    @Override
    public void handle(DmaCall call) {
        try {
            switch (call.request()) {
                case DmaRead read -> read(call, read);
                case DmaWrite write -> write(call, write);
            }
        } catch (InternalError e) {
            if (!MemoryFaults.isFault(e)) {
                throw e;
            }
            call.refuse(Errno.EFAULT);
        }
    }

    private void read(DmaCall call, DmaRead read) {
        ByteBuf data = Unpooled.wrappedBuffer(new byte[Math.toIntExact(read.count())]);
        MemorySegment into = MemorySegment.ofArray(data.array());
        Optional<Errno> refusal = copy(read.address(), into, true);
        if (refusal.isPresent()) {
            call.refuse(refusal.get());
        } else {
            call.reply(new DmaRead.Reply(read.address(), read.count(), data));
        }
    }

    private void write(DmaCall call, DmaWrite write) {
        MemorySegment from = MemorySegment.ofBuffer(write.data().nioBuffer());
        Optional<Errno> refusal = copy(write.address(), from, false);
        if (refusal.isPresent()) {
            call.refuse(refusal.get());
        } else {
            call.reply(new DmaWrite.Reply(write.address(), write.count()));
        }
    }

    /// Copies between client memory and `other`: all of it, or nothing beyond where it is refused.
    private Optional<Errno> copy(long iova, MemorySegment other, boolean fromMemory) {
        long done = 0;
        while (done < other.byteSize()) {
            Region region = find(iova + done);
            if (region == null) {
                return Optional.of(Errno.ENODEV);
            }
            if (!(fromMemory ? region.flags.readable() : region.flags.writable())) {
                return Optional.of(Errno.EPERM);
            }
            long offset = iova + done - region.iova;
            long size = Math.min(region.segment.byteSize() - offset, other.byteSize() - done);
            if (fromMemory) {
                MemorySegment.copy(region.segment, offset, other, done, size);
            } else {
                MemorySegment.copy(other, done, region.segment, offset, size);
            }
            MemoryFaults.deliverPending();
            done += size;
        }
        return Optional.empty();
    }

    private @Nullable Region find(long iova) {
        for (Region region : regions) {
            if (Long.compareUnsigned(iova - region.iova, region.segment.byteSize()) < 0) {
                return region;
            }
        }
        return null;
    }

    /// Client memory from one DMA address on. Two with the same fields are still two regions.
    public static final class Region {
        private final long iova;
        private final MemorySegment segment;
        private final DmaFlags flags;

        private Region(long iova, MemorySegment segment, DmaFlags flags) {
            this.iova = iova;
            this.segment = Objects.requireNonNull(segment, "segment");
            this.flags = Objects.requireNonNull(flags, "flags");
        }

        /// DMA address of the first byte.
        public long iova() {
            return iova;
        }

        /// The memory.
        public MemorySegment segment() {
            return segment;
        }

        /// What the server may do.
        public DmaFlags flags() {
            return flags;
        }

        /// Such as `[0x100000, +0x1000) 0x3`.
        @Override
        public String toString() {
            return "[0x%x, +0x%x) 0x%x".formatted(iova, segment.byteSize(), flags.bits());
        }
    }
}
