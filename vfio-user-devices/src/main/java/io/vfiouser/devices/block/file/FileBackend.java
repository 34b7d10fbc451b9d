package io.vfiouser.devices.block.file;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockOperation;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.DiskFile;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A disk in a file or on a block device. The kernel moves the blocks straight between it and the
/// memory of the request, whatever that memory is.
///
/// What the page cache has is read at once, within [#submit], and a file in memory (`tmpfs`) is
/// used so altogether, up to 256 KiB at a time. All else is done by threads that wait for the disk
/// ([FileWorkers]), several requests at the same time.
///
/// Deallocation punches holes; a flush is an `fdatasync`. Once one of those has failed, no flush
/// succeeds any more: the kernel forgets what it could not write, so a later success would say
/// nothing about it.
public final class FileBackend implements BlockBackend {
    private static final Logger LOG = LoggerFactory.getLogger(FileBackend.class);
    private static final long MAX_INLINE_LENGTH = 256 * 1024;

    private final FileSettings settings;
    private final DiskFile file;
    private final FileAlignment alignment;
    private final boolean inMemory;
    private final FileWorkers workers;
    private final @Nullable FileWorkers ownWorkers;
    private final FileTransfer loopTransfer = new FileTransfer();
    private final ArrayDeque<BlockRequest> gathered = new ArrayDeque<>();
    private final LongAdder atOnce = new LongAdder();
    private final LongAdder byThreads = new LongAdder();
    private final LongAdder missed = new LongAdder();
    private boolean triesReads;
    private boolean triesWrites;
    private volatile BlockProperties properties;
    private volatile ResizeListener listener = _ -> {};
    private volatile boolean syncFailed;
    private volatile boolean closed;

    private FileBackend(
            FileSettings settings,
            DiskFile file,
            FileWorkers workers,
            @Nullable FileWorkers ownWorkers) {
        this.settings = settings;
        this.file = file;
        this.workers = workers;
        this.ownWorkers = ownWorkers;
        this.alignment = FileAlignment.of(file);
        this.inMemory = file.isInMemory();
        this.properties = FileProbe.properties(file, alignment.length(), settings);
        this.triesReads = !settings.direct();
        this.triesWrites = !settings.direct() && settings.writeCache();
    }

    /// Opens a file, or makes it, with threads of its own. May block.
    ///
    /// @throws IllegalArgumentException if it cannot be opened or made, is locked, or is neither a
    ///   file nor a block device
    public static FileBackend open(FileSettings settings) {
        var workers = new FileWorkers("disk " + settings.path().getFileName(), settings.threads());
        return open(settings, workers, workers);
    }

    /// As [#open(FileSettings)], with threads that are shared with others; `settings.threads()` has
    /// no meaning then.
    ///
    /// @param workers stays the caller's; to be closed after this
    public static FileBackend open(FileSettings settings, FileWorkers workers) {
        return open(settings, workers, null);
    }

    private static FileBackend open(
            FileSettings settings, FileWorkers workers, @Nullable FileWorkers ownWorkers) {
        DiskFile file = FileProbe.open(settings);
        try {
            return new FileBackend(settings, file, workers, ownWorkers);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public BlockProperties properties() {
        return properties;
    }

    @Override
    public void submit(BlockRequest request) {
        BlockStatus status = closed ? BlockStatus.CANCELLED : properties.check(request);
        if (!status.isOk()) {
            request.complete(status);
        } else if (inMemory && request.length() <= MAX_INLINE_LENGTH) {
            atOnce.increment();
            perform(request, loopTransfer);
        } else if (!triesNow(request)) {
            gather(request);
        } else if (performedNow(request)) {
            atOnce.increment();
        } else {
            missed.increment();
            gather(request);
        }
    }

    @Override
    public void submitted() {
        if (!gathered.isEmpty()) {
            workers.run(this, gathered);
        }
    }

    /// How requests were done so far. From any thread.
    public FileStats stats() {
        return new FileStats(atOnce.sum(), byThreads.sum(), missed.sum());
    }

    @Override
    public void onResize(ResizeListener listener) {
        this.listener = listener;
    }

    /// Makes the file longer or shorter. From any thread; may block.
    ///
    /// @param capacityBytes at least 1, rounded down to whole blocks
    /// @throws io.vfiouser.os.NativeCallException such as EINVAL for a block device, ENOSPC
    public void resize(long capacityBytes) {
        if (capacityBytes < 1) {
            throw new IllegalArgumentException(
                    "size: " + capacityBytes + " (expected: at least 1)");
        }
        file.resize(capacityBytes);
        refresh();
    }

    /// Looks how long the file is now, in case someone else has changed that. From any thread; may
    /// block.
    public synchronized void refresh() {
        long capacity = FileProbe.capacity(file, properties.blockSize());
        if (capacity != properties.capacityBytes()) {
            properties = properties.withCapacity(capacity);
            listener.resized(capacity);
        }
    }

    /// The open file with its lock, which both processes have until this one closes it.
    @Override
    public FdBundle handOver() {
        if (syncFailed) {
            throw new DeviceException(
                    Errno.EIO, settings.path() + ": a flush has failed (expected: none)");
        }
        return settings.lock() ? file.share() : FdBundle.empty();
    }

    @Override
    public void takeOver(FdBundle files) {
        if (files.count() > 1) {
            throw new DeviceException(
                    Errno.EINVAL, "files: " + files.count() + " (expected: one disk)");
        }
        if (!files.isEmpty()) {
            file.shareLock(files);
        } else if (!FileProbe.lock(file, settings)) {
            throw new DeviceException(
                    Errno.EBUSY,
                    settings.path() + ": locked (expected: free, or locked by the disk before)");
        }
        refresh();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        LOG.debug("{}: closed after {}", settings.path(), stats());
        while (!gathered.isEmpty()) {
            gathered.remove().complete(BlockStatus.CANCELLED);
        }
        file.close();
        if (ownWorkers != null) {
            ownWorkers.close();
        }
    }

    /// Does a request and completes it; waits for the disk.
    void perform(BlockRequest request, FileTransfer transfer) {
        request.complete(closed ? BlockStatus.CANCELLED : run(request, transfer));
    }

    private void gather(BlockRequest request) {
        byThreads.increment();
        gathered.add(request);
    }

    private boolean triesNow(BlockRequest request) {
        return request.length() <= MAX_INLINE_LENGTH
                && (request.operation() == BlockOperation.READ
                        ? triesReads
                        : request.operation() == BlockOperation.WRITE
                                && triesWrites
                                && !request.fua());
    }

    /// Does a request without waiting if that can be had; true if it is completed.
    private boolean performedNow(BlockRequest request) {
        boolean read = request.operation() == BlockOperation.READ;
        BlockStatus status;
        try {
            long count =
                    read
                            ? loopTransfer.readCached(file, request)
                            : loopTransfer.writeCached(file, request);
            if (count == DiskFile.NEVER_TELLS) {
                triesReads &= !read;
                triesWrites &= read;
            }
            if (count != request.length()) {
                return false;
            }
            status = BlockStatus.OK;
        } catch (RuntimeException e) {
            status = failed(request, e);
        }
        request.complete(status);
        return true;
    }

    private BlockStatus run(BlockRequest request, FileTransfer transfer) {
        boolean durable = request.fua() || !settings.writeCache();
        try {
            switch (request.operation()) {
                case READ -> transfer.read(file, request, alignment);
                case WRITE -> transfer.write(file, request, alignment, durable);
                case FLUSH -> sync();
                case DEALLOCATE -> deallocate(request, transfer);
                case WRITE_ZEROES -> writeZeroes(request, transfer, durable);
            }
            return BlockStatus.OK;
        } catch (RuntimeException e) {
            return failed(request, e);
        } catch (InternalError e) {
            return FileErrors.status(e);
        }
    }

    private void deallocate(BlockRequest request, FileTransfer transfer) {
        if (request.length() > 0
                && properties.deallocate()
                && !file.punchHole(request.offset(), request.length())) {
            transfer.writeZeros(file, request.offset(), request.length(), false);
        }
    }

    private void writeZeroes(BlockRequest request, FileTransfer transfer, boolean durable) {
        long offset = request.offset();
        long length = request.length();
        if (length == 0) {
            return;
        }
        if ((request.mayDeallocate() && file.punchHole(offset, length))
                || file.zeroRange(offset, length)) {
            if (durable) {
                sync();
            }
        } else {
            transfer.writeZeros(file, offset, length, durable);
        }
    }

    private void sync() {
        if (syncFailed) {
            throw new IllegalStateException("sync: failed before (expected: none has failed)");
        }
        try {
            file.sync();
        } catch (RuntimeException e) {
            syncFailed = !closed;
            throw e;
        }
    }

    private BlockStatus failed(BlockRequest request, RuntimeException e) {
        if (closed) {
            return BlockStatus.CANCELLED;
        }
        BlockStatus status = FileErrors.status(e);
        LOG.debug(
                "{}: {} offset=0x{}, length={}: {}: {}",
                settings.path(),
                request.operation(),
                Long.toHexString(request.offset()),
                request.length(),
                status,
                e.getMessage());
        return status;
    }
}
