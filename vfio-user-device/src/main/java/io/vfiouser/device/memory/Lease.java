package io.vfiouser.device.memory;

import java.lang.foreign.MemorySegment;

/// Guest memory lent to a device until [#close()].
///
/// The range is one segment, or several where it crosses DMA regions; [#segment(int)] in address
/// order, cut to exactly the range, read-only for [AccessMode#READ]. While a lease is open the
/// client's unmap of that memory waits: close leases promptly, and long-lived ones in
/// `Device.quiesce()`. A lease belongs to the device's loop.
///
/// Guest memory changes under the reader's feet: copy a descriptor once, then check the copy. An
/// access to memory whose file the client has cut short throws `InternalError`; left uncaught it
/// ends that one request with `EFAULT`.
public interface Lease extends AutoCloseable {
    /// How many segments the range has, at least 1.
    int count();

    /// The segment with this index, 0 to [#count()] - 1.
    ///
    /// @throws IllegalStateException after close
    MemorySegment segment(int index);

    /// Bytes in all.
    long length();

    /// Gives the memory back; marks its pages dirty if the lease was for writing and the client
    /// logs dirty pages. Further calls do nothing.
    @Override
    void close();
}
