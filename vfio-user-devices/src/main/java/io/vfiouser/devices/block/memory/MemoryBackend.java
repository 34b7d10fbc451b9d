package io.vfiouser.devices.block.memory;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.block.SegmentList;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.os.SparseMemory;
import java.lang.foreign.MemorySegment;

/// A disk in memory: sparse, all zeros at first, gone when it is closed, unless another process has
/// taken it over.
///
/// Every request is completed within [#submit], and makes no garbage. Memory is taken up where
/// blocks are written, and given back, in whole pages, where they are deallocated or made zero.
/// Blocks may be of any size down to one byte.
public final class MemoryBackend implements BlockBackend {
    private static final int PREFERRED_SIZE = 4096;

    private final DiskMemory memory;
    private volatile BlockProperties properties;
    private volatile ResizeListener listener = _ -> {};
    private volatile boolean closed;

    private MemoryBackend(DiskMemory memory, long capacityBytes) {
        this.memory = memory;
        this.properties =
                new BlockProperties(
                        capacityBytes, 1, PREFERRED_SIZE, false, false, true, true, true);
    }

    /// A new disk whose capacity stays what it is or becomes less.
    ///
    /// @param capacityBytes at least 1
    /// @throws io.vfiouser.os.NativeCallException with ENOMEM if there are not that many addresses
    public static MemoryBackend create(long capacityBytes) {
        return create(capacityBytes, capacityBytes);
    }

    /// A new disk that can be made larger.
    ///
    /// @param capacityBytes at least 1
    /// @param maxCapacityBytes what [#resize] may go up to; only addresses are set aside for it
    /// @throws io.vfiouser.os.NativeCallException with ENOMEM if there are not that many addresses
    public static MemoryBackend create(long capacityBytes, long maxCapacityBytes) {
        checkCapacity(capacityBytes, maxCapacityBytes);
        return new MemoryBackend(
                new DiskMemory.Own(SparseMemory.create(maxCapacityBytes)), capacityBytes);
    }

    /// As [#create(long, long)], in a memfd that another process can take over. What is read takes
    /// up memory too then.
    public static MemoryBackend createShared(long capacityBytes, long maxCapacityBytes) {
        checkCapacity(capacityBytes, maxCapacityBytes);
        return new MemoryBackend(
                new DiskMemory.Shared(SharedMemory.create("memory-disk", maxCapacityBytes)),
                capacityBytes);
    }

    private static void checkCapacity(long capacityBytes, long maxCapacityBytes) {
        if (capacityBytes < 1) {
            throw new IllegalArgumentException(
                    "size: " + capacityBytes + " (expected: at least 1)");
        }
        if (maxCapacityBytes < capacityBytes) {
            throw new IllegalArgumentException(
                    "max-size: %d (expected: at least the size, %d)"
                            .formatted(maxCapacityBytes, capacityBytes));
        }
    }

    /// Asks the system for pages of 2 MiB for what is written from now on: requests are faster, and
    /// a page takes up all of its room once a byte of it is written. A system may have none.
    ///
    /// @return this
    public MemoryBackend preferHugePages() {
        memory.preferHugePages();
        return this;
    }

    @Override
    public BlockProperties properties() {
        return properties;
    }

    @Override
    public void submit(BlockRequest request) {
        request.complete(closed ? BlockStatus.CANCELLED : run(request));
    }

    @Override
    public void onResize(ResizeListener listener) {
        this.listener = listener;
    }

    /// Changes the capacity. What is cut off is gone: should the capacity grow again, it is zeros.
    /// From any thread.
    ///
    /// @param capacityBytes 1 to the maximum given to [#create(long, long)]
    /// @throws IllegalArgumentException for one beyond that
    public synchronized void resize(long capacityBytes) {
        if (capacityBytes < 1 || capacityBytes > memory.size()) {
            throw new IllegalArgumentException(
                    "size: %d (expected: 1 to %d)".formatted(capacityBytes, memory.size()));
        }
        long kept = Math.min(capacityBytes, properties.capacityBytes());
        if (capacityBytes > kept) {
            memory.release(kept, memory.size() - kept); // a write may have overtaken the cut
        }
        properties = properties.withCapacity(capacityBytes);
        memory.release(capacityBytes, memory.size() - capacityBytes);
        listener.resized(capacityBytes);
    }

    @Override
    public FdBundle handOver() {
        return memory.share();
    }

    @Override
    public void takeOver(FdBundle files) {
        memory.adopt(files);
    }

    @Override
    public void close() {
        closed = true;
        memory.close();
    }

    private BlockStatus run(BlockRequest request) {
        BlockStatus status = properties.check(request);
        if (!status.isOk()) {
            return status;
        }
        try {
            switch (request.operation()) {
                case READ -> read(request);
                case WRITE -> write(request);
                case DEALLOCATE, WRITE_ZEROES -> memory.release(request.offset(), request.length());
                case FLUSH -> {}
            }
            MemoryFaults.deliverPending();
            return BlockStatus.OK;
        } catch (InternalError e) {
            if (MemoryFaults.isFault(e)) {
                return BlockStatus.MEMORY_FAULT;
            }
            throw e;
        } catch (NativeCallException _) {
            // The kernel has no memory left for the bookkeeping of a release.
            return BlockStatus.NO_SPACE;
        }
    }

    private void read(BlockRequest request) {
        MemorySegment blocks = memory.segment();
        SegmentList into = request.data();
        long position = request.offset();
        for (int i = 0; i < into.count(); i++) {
            long length = into.length(i);
            MemorySegment.copy(blocks, position, into.base(i), into.offset(i), length);
            position += length;
        }
    }

    private void write(BlockRequest request) {
        MemorySegment blocks = memory.segment();
        SegmentList from = request.data();
        long position = request.offset();
        for (int i = 0; i < from.count(); i++) {
            long length = from.length(i);
            MemorySegment.copy(from.base(i), from.offset(i), blocks, position, length);
            position += length;
        }
    }
}
