package io.vfiouser.devices.nvme.namespace;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;

/// Storage as logical blocks (NVMe 1.4: "Namespaces"). Belongs to the device's loop.
public final class Namespace {
    /// Shares start at multiples of this many bytes.
    public static final long ALIGNMENT = 4096;

    private final int id;
    private final BlockBackend backend;
    private final int shares;
    private final long shareSize;
    private int blockShift;
    private boolean submitted;
    private boolean formatting;
    private int atWork;

    /// A namespace that has one of the equal shares of a backend.
    ///
    /// @param id 1 to `shares`; also says which share it is
    /// @param backend stays the caller's
    /// @param shares how many namespaces there are
    /// @param blockSize bytes of a logical block: 512 or 4096
    /// @throws IllegalArgumentException if the backend takes only larger blocks
    public Namespace(int id, BlockBackend backend, int shares, int blockSize) {
        this.id = id;
        this.backend = backend;
        this.shares = shares;
        this.shareSize = backend.properties().capacityBytes() / shares & -ALIGNMENT;
        this.blockShift = Integer.numberOfTrailingZeros(blockSize);
        if (!LbaFormat.isFormat(blockShift) || !takes(blockShift)) {
            throw new IllegalArgumentException(
                    "blocksize: %d (expected: 512 or 4096, at least the backend's %d)"
                            .formatted(blockSize, backend.properties().blockSize()));
        }
    }

    /// Its number.
    public int id() {
        return id;
    }

    /// The storage.
    public BlockBackend backend() {
        return backend;
    }

    /// log2 of the bytes of a logical block: 9 or 12.
    public int blockShift() {
        return blockShift;
    }

    /// Gives it other logical blocks.
    ///
    /// @param shift 9 or 12, one that the backend [#takes]
    public void format(int shift) {
        blockShift = shift;
    }

    /// Whether the backend can be asked for blocks of this size.
    public boolean takes(int shift) {
        return backend.properties().blockSize() <= 1 << shift;
    }

    /// How many logical blocks it has.
    public long blocks() {
        return size() >>> blockShift;
    }

    /// Bytes of its share. One of several keeps its place and its size, a multiple of [#ALIGNMENT],
    /// whatever becomes of the backend's capacity; the only one is as large as the backend is now.
    public long size() {
        return shares == 1 ? backend.properties().capacityBytes() : shareSize;
    }

    /// Where a logical block starts in the backend.
    ///
    /// @param block one that the namespace has
    public long offset(long block) {
        return start() + (block << blockShift);
    }

    /// Where its share starts in the backend.
    public long start() {
        return shares == 1 ? 0 : (id - 1) * size();
    }

    /// Whether a range lies in it.
    ///
    /// @param first unsigned
    /// @param count 1 or more
    public boolean has(long first, long count) {
        long blocks = blocks();
        return Long.compareUnsigned(first, blocks) < 0 && count <= blocks - first;
    }

    /// What the storage can do.
    public BlockProperties properties() {
        return backend.properties();
    }

    /// Whether requests were submitted for which the backend has not been told that the batch is
    /// complete.
    public boolean isBatchOpen() {
        return submitted;
    }

    /// Notes that requests were submitted, or that the batch is complete.
    public void setBatchOpen(boolean open) {
        submitted = open;
    }

    /// How many commands of it are at work.
    public int atWork() {
        return atWork;
    }

    /// One more command of it is at work.
    public void begin() {
        atWork++;
    }

    /// One command of it less is at work.
    public void end() {
        atWork--;
    }

    /// Whether it is being formatted, and takes no I/O.
    public boolean isFormatting() {
        return formatting;
    }

    /// Notes that it is being formatted, or no longer.
    public void setFormatting(boolean formatting) {
        this.formatting = formatting;
    }
}
