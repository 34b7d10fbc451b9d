package io.vfiouser.devices.block;

/// How a [BlockRequest] ended.
public enum BlockStatus {
    /// All of it is done.
    OK,
    /// The storage reported an error that no other status names.
    IO_ERROR,
    /// The blocks cannot be had: a bad place of the medium, or storage that stayed out of reach.
    MEDIA_ERROR,
    /// There is no room left to store the blocks, although they are within the capacity.
    NO_SPACE,
    /// A change of storage that takes none.
    READ_ONLY,
    /// The range ends beyond the capacity.
    OUT_OF_RANGE,
    /// Offset or length is no multiple of the block size, or the memory is not of that length.
    MISALIGNED,
    /// The request's memory could not be reached: its owner cut the file behind it short.
    MEMORY_FAULT,
    /// There was no answer in time; whether it was done is not known.
    TIMED_OUT,
    /// The backend does not do this.
    UNSUPPORTED,
    /// Given up, because the backend is being closed.
    CANCELLED;

    /// Whether it is [#OK].
    public boolean isOk() {
        return this == OK;
    }
}
