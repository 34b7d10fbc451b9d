package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dma.PeerMemory;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// DMA_READ and DMA_WRITE: client memory by messages (spec: "VFIO_USER_DMA_READ"). Belongs to the
/// loop and never waits: answers find their transfer by the id, and client commands that arrive in
/// between are the session's business.
///
/// A transfer larger than the client's `max_data_xfer_size` goes in pieces, one after the other. A
/// piece that the client answers with fewer bytes than asked is continued; one that it does not
/// answer in time ends the transfer with `ETIMEDOUT`, and its late answer is dropped.
public final class PeerCalls implements PeerMemory {
    private static final int ID_MASK = 0xffff;
    private static final int MAX_OUTSTANDING = 4096;

    private final EventLoop loop;
    private final RequestSink sink;
    private final Duration timeout;
    private final int maxPiece;
    private final Map<Integer, PeerTransfer> outstanding = HashMap.newHashMap(0);
    private int nextId = 1;
    private boolean closed;
    private long strayReplies;

    /// No transfer under way.
    ///
    /// @param maxPiece bytes of data in one message, the client's limit
    /// @param timeout how long the client may take for one piece
    public PeerCalls(EventLoop loop, RequestSink sink, int maxPiece, Duration timeout) {
        this.loop = loop;
        this.sink = sink;
        this.maxPiece = maxPiece;
        this.timeout = timeout;
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        return start(new PeerTransfer(Command.DMA_READ, iova, into));
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        return start(new PeerTransfer(Command.DMA_WRITE, iova, from));
    }

    /// Takes a reply of the client; one that nobody waits for is counted and dropped.
    ///
    /// @param frame the whole message, borrowed
    public void reply(ByteBuf frame) {
        int start = frame.readerIndex();
        PeerTransfer transfer = outstanding.remove(MessageHeader.messageId(frame, start));
        if (transfer == null) {
            strayReplies++;
            return;
        }
        transfer.stopTimer();
        if (MessageHeader.isError(frame, start)) {
            Errno errno = MessageHeader.errnoOf(MessageHeader.error(frame, start));
            fail(transfer, errno, "client answered " + errno);
            return;
        }
        int moved = PeerReply.take(frame, transfer);
        if (moved <= 0) {
            fail(
                    transfer,
                    Errno.EIO,
                    "reply of "
                            + frame.readableBytes()
                            + " bytes (expected: "
                            + transfer.piece
                            + " bytes of data moved)");
            return;
        }
        transfer.progress += moved;
        next(transfer);
    }

    /// How many replies came that nobody waited for.
    public long strayReplies() {
        return strayReplies;
    }

    /// Ends all transfers with `ENOTCONN`; later ones end at once.
    public void close() {
        closed = true;
        var ended = outstanding.values().toArray(PeerTransfer[]::new);
        outstanding.clear();
        for (PeerTransfer transfer : ended) {
            transfer.stopTimer();
            fail(transfer, Errno.ENOTCONN, "the client has gone");
        }
    }

    private Completion start(PeerTransfer transfer) {
        if (outstanding.size() >= MAX_OUTSTANDING) {
            throw new DeviceException(
                    Errno.EBUSY,
                    "outstanding DMA messages: "
                            + outstanding.size()
                            + " (expected: below "
                            + MAX_OUTSTANDING
                            + ")");
        }
        next(transfer);
        return Completion.after(transfer.done);
    }

    private void next(PeerTransfer transfer) {
        if (closed) {
            fail(transfer, Errno.ENOTCONN, "the client has gone");
            return;
        }
        if (transfer.remaining() == 0) {
            transfer.done.complete(null);
            return;
        }
        transfer.piece = (int) Math.min(transfer.remaining(), maxPiece);
        int id = freeId();
        outstanding.put(id, transfer);
        transfer.timeout =
                loop.schedule(
                        () -> timedOut(id, transfer), timeout.toNanos(), TimeUnit.NANOSECONDS);
        sink.send(encode(id, transfer));
    }

    private ByteBuf encode(int id, PeerTransfer transfer) {
        boolean writes = transfer.command == Command.DMA_WRITE;
        int size = WireFormat.DATA_OVERHEAD + (writes ? transfer.piece : 0);
        ByteBuf out = sink.buffer(size);
        out.writeShortLE(id);
        out.writeShortLE(transfer.command.id());
        out.writeIntLE(size);
        out.writeIntLE(WireFormat.TYPE_COMMAND);
        out.writeIntLE(0);
        out.writeLongLE(transfer.address());
        out.writeLongLE(transfer.piece);
        if (writes) {
            MemorySegment piece = transfer.memory.asSlice(transfer.progress, transfer.piece);
            out.writeBytes(piece.asByteBuffer());
        }
        return out;
    }

    private void timedOut(int id, PeerTransfer transfer) {
        if (outstanding.remove(id, transfer)) {
            fail(
                    transfer,
                    Errno.ETIMEDOUT,
                    "no answer (expected: within peerCallTimeout, " + timeout + ")");
        }
    }

    private int freeId() {
        int id = nextId;
        while (outstanding.containsKey(id)) {
            id = (id + 1) & ID_MASK;
        }
        nextId = (id + 1) & ID_MASK;
        return id;
    }

    private static void fail(PeerTransfer transfer, Errno errno, String why) {
        transfer.done.completeExceptionally(
                new DeviceException(
                        errno,
                        transfer.command
                                + " of "
                                + transfer.memory.byteSize()
                                + " bytes at "
                                + Iova.hex(transfer.iova)
                                + ": "
                                + why));
    }
}
