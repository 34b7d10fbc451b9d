package io.vfiouser.devices.block;

/// What a [BlockBackend] is and can do.
///
/// @param capacityBytes its size, a multiple of the block size
/// @param blockSize the smallest unit it takes, a power of two from 1 to 65536: offsets and lengths
///   of requests must be multiples of it
/// @param preferredSize the unit below which writes cost extra, a power of two of at least
///   `blockSize`
/// @param readOnly whether it refuses everything that changes what is stored
/// @param volatileWriteCache whether a completed write can be lost by a power cut until a flush
/// @param deallocate whether a deallocation has an effect; without one it is completed as
///   [BlockStatus#OK] all the same
/// @param deallocatedReadsZero whether what was deallocated reads as zeros from then on
/// @param writeZeroes whether zeros are written faster than by writing them
public record BlockProperties(
        long capacityBytes,
        int blockSize,
        int preferredSize,
        boolean readOnly,
        boolean volatileWriteCache,
        boolean deallocate,
        boolean deallocatedReadsZero,
        boolean writeZeroes) {
    private static final int MAX_BLOCK_SIZE = 1 << 16;

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException for one that is out of its range
    public BlockProperties {
        if (!isPowerOfTwo(blockSize) || blockSize > MAX_BLOCK_SIZE) {
            throw new IllegalArgumentException(
                    "blockSize: %d (expected: a power of two up to %d)"
                            .formatted(blockSize, MAX_BLOCK_SIZE));
        }
        if (!isPowerOfTwo(preferredSize) || preferredSize < blockSize) {
            throw new IllegalArgumentException(
                    "preferredSize: %d (expected: a power of two of at least %d)"
                            .formatted(preferredSize, blockSize));
        }
        if (capacityBytes < 0 || capacityBytes % blockSize != 0) {
            throw new IllegalArgumentException(
                    "capacityBytes: %d (expected: a multiple of %d)"
                            .formatted(capacityBytes, blockSize));
        }
    }

    /// The same with another capacity.
    ///
    /// @throws IllegalArgumentException if it is negative or no multiple of the block size
    public BlockProperties withCapacity(long bytes) {
        return new BlockProperties(
                bytes,
                blockSize,
                preferredSize,
                readOnly,
                volatileWriteCache,
                deallocate,
                deallocatedReadsZero,
                writeZeroes);
    }

    /// The same, but read-only.
    public BlockProperties asReadOnly() {
        return new BlockProperties(
                capacityBytes, blockSize, preferredSize, true, false, false, false, false);
    }

    /// What is wrong with a request before anything is done: its range, its alignment, its memory,
    /// or a change of what is read-only.
    ///
    /// @return [BlockStatus#OK] if nothing is
    public BlockStatus check(BlockRequest request) {
        BlockOperation operation = request.operation();
        if (readOnly && operation.modifies()) {
            return BlockStatus.READ_ONLY;
        }
        if (operation == BlockOperation.FLUSH) {
            return BlockStatus.OK;
        }
        long offset = request.offset();
        long length = request.length();
        if ((offset | length) < 0 || offset > capacityBytes || length > capacityBytes - offset) {
            return BlockStatus.OUT_OF_RANGE;
        }
        boolean aligned = ((offset | length) & (blockSize - 1)) == 0;
        boolean matched = !operation.movesData() || request.data().totalLength() == length;
        return aligned && matched ? BlockStatus.OK : BlockStatus.MISALIGNED;
    }

    private static boolean isPowerOfTwo(int value) {
        return value > 0 && (value & (value - 1)) == 0;
    }
}
