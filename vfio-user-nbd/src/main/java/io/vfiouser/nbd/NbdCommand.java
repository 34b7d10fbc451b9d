package io.vfiouser.nbd;

import io.netty.buffer.ByteBuf;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.block.SegmentList;
import io.vfiouser.os.MemoryFaults;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One command on the wire, for a part of a block request. Of a [NbdPool]; on the loop.
final class NbdCommand {
    private final Coverage coverage = new Coverage();
    private @Nullable NbdTransfer transfer;
    private int type;
    private int flags;
    private long from;
    private long length;
    private boolean zeros;
    private BlockStatus status = BlockStatus.OK;
    private long sentNanos;
    private long cookie;

    /// Makes it a command.
    ///
    /// @param from first byte, counted from the request's offset
    /// @param zeros whether a write sends zeros instead of the request's memory
    void begin(NbdTransfer transfer, int type, int flags, long from, long length, boolean zeros) {
        this.transfer = transfer;
        this.type = type;
        this.flags = flags;
        this.from = from;
        this.length = length;
        this.zeros = zeros;
        status = BlockStatus.OK;
    }

    /// Nobody refers to it any more.
    void end() {
        transfer = null;
        coverage.clear();
    }

    NbdTransfer transfer() {
        return Objects.requireNonNull(transfer, "transfer");
    }

    boolean isRead() {
        return type == NbdWire.CMD_READ;
    }

    /// First byte within the export.
    long offset() {
        return transfer().request().offset() + from;
    }

    long length() {
        return length;
    }

    BlockStatus status() {
        return status;
    }

    /// Takes note of an error; the first one counts.
    void fail(BlockStatus error) {
        if (status.isOk()) {
            status = error;
        }
    }

    /// What its reply is told by, as it was sent last.
    long cookie() {
        return cookie;
    }

    long sentNanos() {
        return sentNanos;
    }

    /// Writes it as it is sent now, its data included.
    ///
    /// @return false if the memory with the data is gone
    boolean encode(ByteBuf into, long cookie, long nowNanos) {
        sentNanos = nowNanos;
        this.cookie = cookie;
        status = BlockStatus.OK;
        coverage.clear();
        into.writeInt(NbdWire.REQUEST_MAGIC);
        into.writeShort(flags);
        into.writeShort(type);
        into.writeLong(cookie);
        into.writeLong(type == NbdWire.CMD_FLUSH ? 0 : offset());
        into.writeInt((int) length);
        if (type != NbdWire.CMD_WRITE) {
            return true;
        }
        int size = (int) length;
        into.ensureWritable(size);
        if (zeros) {
            into.writeZero(size);
            return true;
        }
        MemorySegment target = segment(into, into.writerIndex(), size);
        try {
            data().copyOut(from, target, 0, size);
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            return requireFault(e);
        }
        into.writerIndex(into.writerIndex() + size);
        return true;
    }

    /// How many bytes a command takes on the wire.
    int encodedSize() {
        return NbdWire.REQUEST_SIZE + (type == NbdWire.CMD_WRITE ? (int) length : 0);
    }

    /// Takes note that a piece of a read is coming.
    ///
    /// @throws NbdFaultException if it is not within the read, or came before
    void expectPiece(long position, long size) {
        if (position < 0 || size > length - position || !coverage.add(position, size)) {
            throw new NbdFaultException(
                    "reply chunk: %d bytes at %d (expected: within the %d bytes of the read, once)"
                            .formatted(size, position, length));
        }
    }

    /// Whether all of a read came.
    boolean isFull() {
        return coverage.isComplete(length);
    }

    /// Moves bytes of a read to where they belong.
    void take(long position, ByteBuf source, int size) {
        MemorySegment bytes = segment(source, source.readerIndex(), size);
        try {
            data().copyIn(from + position, bytes, 0, size);
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            fail(requireFault(e) ? BlockStatus.OK : BlockStatus.MEMORY_FAULT);
        }
        source.skipBytes(size);
    }

    /// Makes bytes of a read zero.
    void takeHole(long position, long size) {
        try {
            data().clearMemory(from + position, size);
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            fail(requireFault(e) ? BlockStatus.OK : BlockStatus.MEMORY_FAULT);
        }
    }

    private SegmentList data() {
        return transfer().request().data();
    }

    private static MemorySegment segment(ByteBuf buffer, int index, int size) {
        return MemorySegment.ofBuffer(buffer.internalNioBuffer(index, size));
    }

    /// False, unless it is another error, which is thrown on.
    private static boolean requireFault(InternalError e) {
        if (MemoryFaults.isFault(e)) {
            return false;
        }
        throw e;
    }
}
