package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DMA_READ and DMA_WRITE: client memory by messages (spec: "VFIO_USER_DMA_READ"). Belongs to the
/// loop and never waits: answers find their transfer by the id, and client commands that arrive in
/// between are the session's business.
///
/// A transfer larger than the client takes goes in pieces, one after the other ([PeerTraits]). A
/// piece that the client answers with fewer bytes than asked is continued; one that it does not
/// answer in time ends the transfer with `ETIMEDOUT`, and its late answer is dropped.
///
/// Which [DmaDialect] a client speaks nothing tells but its answers. One that may speak the narrow
/// one is asked before its first transfer, by a DMA_WRITE of no bytes, which touches no memory in
/// either; of others the wide one is assumed until they give themselves away.
public final class PeerCalls implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);
    private static final int ID_MASK = 0xffff;

    private final DeviceLoop loop;
    private final RequestSink sink;
    private final int maxCalls;
    private final Duration timeout;
    private final PeerTraits traits;
    private final Map<Integer, PeerTransfer> outstanding = HashMap.newHashMap(0);
    private final List<PeerTransfer> undecided = new ArrayList<>(0);
    private DmaDialect dialect = DmaDialect.WIDE;
    private Knowledge knowledge;
    private int nextId = 1;
    private boolean closed;
    private long strayReplies;

    /// No transfer under way.
    ///
    /// @param maxCalls transfers under way at a time, at least 1
    /// @param timeout how long the client may take for one piece
    public PeerCalls(
            DeviceLoop loop, RequestSink sink, PeerTraits traits, int maxCalls, Duration timeout) {
        this.maxCalls = maxCalls;
        this.loop = loop;
        this.sink = sink;
        this.traits = traits;
        this.timeout = timeout;
        this.knowledge = traits.mayBeNarrow() ? Knowledge.NONE : Knowledge.ASSUMED;
    }

    /// How sure it is which dialect the client speaks.
    private enum Knowledge {
        NONE,
        ASSUMED,
        CERTAIN
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        return start(new PeerTransfer(Command.DMA_READ, iova, into));
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        return start(new PeerTransfer(Command.DMA_WRITE, iova, from));
    }

    @Override
    public void reply(ByteBuf frame) {
        int start = frame.readerIndex();
        PeerTransfer transfer = outstanding.remove(MessageHeader.messageId(frame, start));
        if (transfer == null) {
            strayReplies++;
            return;
        }
        transfer.stopTimer();
        if (transfer.isProbe()) {
            boolean refused = MessageHeader.isError(frame, start);
            decided(refused ? DmaDialect.WIDE : DmaDialect.ofProbe(frame));
            return;
        }
        if (MessageHeader.isError(frame, start)) {
            Errno errno = MessageHeader.errnoOf(MessageHeader.error(frame, start));
            fail(transfer, errno, "client answered " + errno);
            return;
        }
        int moved;
        try {
            moved = PeerReply.take(frame, transfer, dialectOf(frame, transfer));
        } catch (Throwable thrown) { // the device's memory, which may be a client's cut short
            transfer.done.completeExceptionally(thrown);
            return;
        }
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

    @Override
    public boolean isIdle() {
        return outstanding.isEmpty() && undecided.isEmpty();
    }

    @Override
    public void save(ImageWriter out) {
        out.flag(dialect == DmaDialect.NARROW).text(knowledge.name()).number(nextId);
    }

    @Override
    public void restore(ImageReader in) {
        dialect = in.flag() ? DmaDialect.NARROW : DmaDialect.WIDE;
        knowledge = Knowledge.valueOf(in.text());
        nextId = in.count(ID_MASK);
    }

    /// How many replies came that nobody waited for.
    public long strayReplies() {
        return strayReplies;
    }

    @Override
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
        int busy = outstanding.size() + undecided.size();
        if (busy >= maxCalls) {
            throw new DeviceException(
                    Errno.EBUSY,
                    "outstanding DMA messages: %d (expected: below maxPeerCalls, %d)"
                            .formatted(busy, maxCalls));
        }
        if (knowledge == Knowledge.NONE) {
            decideFirst(transfer);
        } else {
            next(transfer);
        }
        return Completion.after(transfer.done);
    }

    /// Keeps a transfer until the client has answered in its dialect, which the first such transfer
    /// has it do.
    private void decideFirst(PeerTransfer transfer) {
        undecided.add(transfer);
        if (undecided.size() > 1) {
            return;
        }
        var probe = PeerTransfer.probe(transfer.iova);
        var _ =
                probe.done.exceptionally(error -> {
                    takeUndecided().forEach(each -> each.done.completeExceptionally(error));
                    return null;
                });
        if (closed) {
            fail(probe, Errno.ENOTCONN, "the client has gone");
        } else {
            send(probe);
        }
    }

    private void decided(DmaDialect spoken) {
        LOG.debug("the client's DMA dialect: {}", spoken);
        dialect = spoken;
        knowledge = Knowledge.CERTAIN;
        takeUndecided().forEach(this::next);
    }

    private List<PeerTransfer> takeUndecided() {
        List<PeerTransfer> taken = List.copyOf(undecided);
        undecided.clear();
        return taken;
    }

    /// In which dialect to read a reply. A count that only the narrow one explains settles it.
    private DmaDialect dialectOf(ByteBuf frame, PeerTransfer transfer) {
        if (knowledge == Knowledge.ASSUMED
                && transfer.command == Command.DMA_READ
                && DmaDialect.isSurelyNarrow(frame)) {
            dialect = DmaDialect.NARROW;
            knowledge = Knowledge.CERTAIN;
        }
        return dialect;
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
        int most = transfer.command == Command.DMA_READ ? traits.maxRead() : traits.maxWrite();
        transfer.piece = (int) Math.min(transfer.remaining(), most);
        send(transfer);
    }

    private void send(PeerTransfer transfer) {
        int id = freeId();
        ByteBuf message;
        try {
            message = encode(id, transfer);
        } catch (Throwable thrown) { // the device's memory, which may be a client's cut short
            transfer.done.completeExceptionally(thrown);
            return;
        }
        outstanding.put(id, transfer);
        transfer.timeout = loop.schedule(() -> timedOut(id, transfer), timeout.toNanos());
        sink.send(message);
    }

    private ByteBuf encode(int id, PeerTransfer transfer) {
        boolean writes = transfer.command == Command.DMA_WRITE;
        int size = WireFormat.DATA_OVERHEAD + (writes ? transfer.piece : 0);
        ByteBuf out = sink.buffer(size);
        try {
            out.writeShortLE(id);
            out.writeShortLE(transfer.command.id());
            out.writeIntLE(size);
            out.writeIntLE(WireFormat.TYPE_COMMAND);
            out.writeIntLE(0);
            if (writes) {
                MemorySegment piece = transfer.memory.asSlice(transfer.progress, transfer.piece);
                dialect.writeRequest(out, transfer.address(), piece);
            } else {
                dialect.writeRequest(out, transfer.address(), transfer.piece);
            }
            return out;
        } catch (Throwable thrown) {
            out.release();
            throw thrown;
        }
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
