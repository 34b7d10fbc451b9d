package io.vfiouser.devices.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// One thing that a device asks of a [BlockBackend]; made to be used again and again.
///
/// The device fills it with one of [#read], [#write], [#flush()], [#deallocate] and [#writeZeroes],
/// puts the memory into [#data()], and hands it to [BlockBackend#submit]. From then on it belongs
/// to the backend, until the backend calls [#complete], which calls [#completed] in turn: from that
/// moment it belongs to the device again, which may fill and submit it anew. One that was filled
/// but not submitted may be filled anew, too.
///
/// ```java
/// request.read(lba * 512, 4096).data().add(guestMemory, offset, 4096);
/// backend.submit(request);
/// ```
public abstract class BlockRequest {
    private static final VarHandle PENDING;

    static {
        try {
            PENDING =
                    MethodHandles.lookup()
                            .findVarHandle(BlockRequest.class, "pending", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SegmentList data = new SegmentList();
    private BlockOperation operation = BlockOperation.FLUSH;
    private long offset;
    private long length;
    private boolean fua;
    private boolean mayDeallocate;

    @SuppressWarnings("UnusedVariable") // read and written through PENDING
    private boolean pending;

    /// An idle request.
    protected BlockRequest() {}

    /// Makes this a read.
    ///
    /// @param offset first byte, a multiple of the backend's block size
    /// @param length bytes, a multiple of the block size
    /// @return this, with [#data()] empty
    public final BlockRequest read(long offset, long length) {
        return prepare(BlockOperation.READ, offset, length, false, false);
    }

    /// Makes this a write.
    ///
    /// @param offset first byte, a multiple of the backend's block size
    /// @param length bytes, a multiple of the block size
    /// @param fua whether it must be durable when it is completed (force unit access)
    /// @return this, with [#data()] empty
    public final BlockRequest write(long offset, long length, boolean fua) {
        return prepare(BlockOperation.WRITE, offset, length, fua, false);
    }

    /// Makes this a flush.
    ///
    /// @return this, with [#data()] empty
    public final BlockRequest flush() {
        return prepare(BlockOperation.FLUSH, 0, 0, false, false);
    }

    /// Makes this a deallocation.
    ///
    /// @param offset first byte, a multiple of the backend's block size
    /// @param length bytes, a multiple of the block size
    /// @return this, with [#data()] empty
    public final BlockRequest deallocate(long offset, long length) {
        return prepare(BlockOperation.DEALLOCATE, offset, length, false, true);
    }

    /// Makes this a write of zeros.
    ///
    /// @param offset first byte, a multiple of the backend's block size
    /// @param length bytes, a multiple of the block size
    /// @param fua whether it must be durable when it is completed (force unit access)
    /// @param mayDeallocate whether the room that the range takes up may be given back
    /// @return this, with [#data()] empty
    public final BlockRequest writeZeroes(
            long offset, long length, boolean fua, boolean mayDeallocate) {
        return prepare(BlockOperation.WRITE_ZEROES, offset, length, fua, mayDeallocate);
    }

    /// Makes this ask for the same as another request, all of its memory included.
    ///
    /// @return this
    public final BlockRequest sameAs(BlockRequest other) {
        prepare(other.operation, other.offset, other.length, other.fua, other.mayDeallocate);
        data.addPart(other.data, 0, other.data.totalLength());
        return this;
    }

    /// Makes this ask for a part of another request, with that part of its memory.
    ///
    /// @param from first byte of the part, counted from the other's offset
    /// @param length bytes of the part
    /// @return this
    /// @throws IndexOutOfBoundsException if the other does not have that part
    public final BlockRequest partOf(BlockRequest other, long from, long length) {
        prepare(other.operation, other.offset + from, length, other.fua, other.mayDeallocate);
        if (other.operation.movesData()) {
            data.addPart(other.data, from, length);
        }
        return this;
    }

    /// What is asked for.
    public final BlockOperation operation() {
        return operation;
    }

    /// First byte of the range.
    public final long offset() {
        return offset;
    }

    /// Bytes of the range; 0 for a flush.
    public final long length() {
        return length;
    }

    /// Whether the change must be durable when it is completed (force unit access).
    public final boolean fua() {
        return fua;
    }

    /// Whether the room that the range takes up may be given back.
    public final boolean mayDeallocate() {
        return mayDeallocate;
    }

    /// The memory to fill or to store; empty for operations that move no data. A backend reads the
    /// list, but never changes it.
    public final SegmentList data() {
        return data;
    }

    /// Ends the request, exactly once for each [BlockBackend#submit]. For the backend; from any
    /// thread, also from within `submit`. The backend must not touch the request afterwards.
    ///
    /// @throws IllegalStateException if it has been completed already
    public final void complete(BlockStatus status) {
        if (!(boolean) PENDING.getAndSet(this, false)) {
            throw new IllegalStateException(
                    "request: completed with " + status + " (expected: submitted before)");
        }
        completed(status);
    }

    /// Takes the request back, on whatever thread the backend completes it, which can be the
    /// device's loop within `submit` or `submitted`. Must neither block nor throw.
    protected abstract void completed(BlockStatus status);

    private BlockRequest prepare(
            BlockOperation operation,
            long offset,
            long length,
            boolean fua,
            boolean mayDeallocate) {
        this.operation = operation;
        this.offset = offset;
        this.length = length;
        this.fua = fua;
        this.mayDeallocate = mayDeallocate;
        data.clear();
        PENDING.setRelease(this, true);
        return this;
    }
}
