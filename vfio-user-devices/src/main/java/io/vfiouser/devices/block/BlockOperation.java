package io.vfiouser.devices.block;

/// What a [BlockRequest] asks for.
public enum BlockOperation {
    /// Fills the request's memory with the blocks of the range.
    READ(true),
    /// Stores the request's memory in the range.
    WRITE(true),
    /// Makes everything durable that was completed before the flush was submitted; has no range.
    FLUSH(false),
    /// Says that the range's content is no longer needed; it may read as anything that the
    /// backend's [BlockProperties#deallocatedReadsZero()] allows.
    DEALLOCATE(false),
    /// Makes the range read as zeros.
    WRITE_ZEROES(false);

    private final boolean movesData;

    BlockOperation(boolean movesData) {
        this.movesData = movesData;
    }

    /// Whether the request has memory, of exactly the range's length.
    public boolean movesData() {
        return movesData;
    }

    /// Whether it can change what is stored.
    public boolean modifies() {
        return this == WRITE || this == DEALLOCATE || this == WRITE_ZEROES;
    }
}
