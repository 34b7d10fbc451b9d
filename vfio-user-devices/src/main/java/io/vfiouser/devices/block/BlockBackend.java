package io.vfiouser.devices.block;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;

/// Storage that a block device puts its blocks in, asked asynchronously.
///
/// One device uses it, from one thread at a time: the device's loop. No method blocks or throws for
/// what the storage does; how a request went is in its [BlockStatus]. Requests that are under way
/// at the same time may be done in any order, also if their ranges overlap; a flush covers what was
/// completed before the flush was submitted.
///
/// A backend touches the memory of a request only between `submit` and `complete`, so a device that
/// has all of its requests back may give its leases back.
public interface BlockBackend extends AutoCloseable {
    /// What it is and can do, now; all but the capacity stays the same. From any thread.
    BlockProperties properties();

    /// Takes a request, and completes it once it is done: at once on the calling thread, or later
    /// on any.
    ///
    /// Requests are checked ([BlockProperties#check]); whatever is wrong with one ends in its
    /// status.
    ///
    /// @param request filled anew since it was completed last; belongs to the backend until then
    void submit(BlockRequest request);

    /// Says that a batch of requests is complete, so that a backend may send together what it
    /// gathered. A device calls this after each batch, before it goes back to its loop.
    default void submitted() {}

    /// Has changes of the capacity told; replaces the listener before.
    ///
    /// @param listener called on any thread, after [#properties()] has the new capacity
    default void onResize(ResizeListener listener) {}

    /// The open files with which the blocks go along to another process (hot restart). No request
    /// is at work. A backend that reaches the same blocks from there by itself has none.
    ///
    /// @return duplicates in an order that [#takeOver] knows, owned by the caller
    /// @throws io.vfiouser.device.outcome.DeviceException if the blocks cannot go along, which is
    ///   so unless a backend says otherwise
    default FdBundle handOver() {
        throw new DeviceException(
                Errno.ENOTSUP,
                "storage: %s (expected: one that another process can take over)"
                        .formatted(getClass().getSimpleName()));
    }

    /// Takes the open files of the backend before, in another process; nothing has been submitted
    /// to this one yet.
    ///
    /// @param files what [#handOver] gave there; what is not taken out is closed
    default void takeOver(FdBundle files) {
        if (!files.isEmpty()) {
            throw new DeviceException(
                    Errno.EINVAL, "files: " + files.count() + " (expected: none)");
        }
    }

    /// Releases what it holds, without waiting. Requests still under way are completed, as
    /// [BlockStatus#CANCELLED] if they were not begun; those submitted later are completed so at
    /// once. Further calls do nothing.
    @Override
    void close();

    /// Told when the capacity of a [BlockBackend] has changed.
    @FunctionalInterface
    interface ResizeListener {
        /// Tells the new capacity; must not block.
        void resized(long capacityBytes);
    }
}
