package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Errno;
import java.time.Instant;
import java.util.Optional;

/// One thing that happened between a recorded device and its driver.
sealed interface RecordedStep {
    /// Number of its message in the recording, as Wireshark counts, from 1.
    int packet();

    /// When it was seen.
    Instant time();

    /// What an access is to; accesses of other widths go to other places.
    ///
    /// @param region index on the wire
    record Place(int region, long offset, int count) {}

    /// A read or write of a region.
    ///
    /// @param data what was written, or what the device answered; on the heap, empty for an error
    /// @param error what the device refused it with
    record Access(
            int packet,
            Instant time,
            boolean write,
            Place place,
            ByteBuf data,
            Optional<Errno> error)
            implements RecordedStep {}

    /// The client reset the device.
    record Reset(int packet, Instant time) implements RecordedStep {}

    /// The device signalled an interrupt.
    record Interrupt(int packet, Instant time, IrqIndex index, int vector)
            implements RecordedStep {}

    /// The device had written to client memory.
    ///
    /// @param data the contents from then on; on the heap
    record Memory(int packet, Instant time, long iova, ByteBuf data) implements RecordedStep {}
}
