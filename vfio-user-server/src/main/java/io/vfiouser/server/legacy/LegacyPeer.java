package io.vfiouser.server.legacy;

import static io.vfiouser.protocol.LegacyFormat.DMA_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.loop.DeviceTimer;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.peer.Peer;
import io.vfiouser.server.session.SessionParts;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is asked of a legacy client: DMA_READ, DMA_WRITE and VM_INTERRUPT. Belongs to the loop.
///
/// One command at a time, as that time's servers waited for each answer and its clients count on
/// it. Pages that a device writes by DMA_WRITE are dirty in the log: clients of that time do not
/// note them.
final class LegacyPeer implements Peer, InterruptMessages {
    private static final int ID_MASK = 0xffff;
    private static final int MAX_WAITING = 4096;
    private static final int COUNT_AT = HEADER_SIZE + DMA_ACCESS_COUNT_AT;
    private static final int DATA_AT = HEADER_SIZE + DMA_ACCESS_SIZE;

    private final SessionParts parts;
    private final Duration timeout;
    private final int vectors;
    private final ArrayDeque<LegacyCall> waiting = new ArrayDeque<>(0);
    private @Nullable LegacyCall current;
    private @Nullable DeviceTimer timer;
    private int id;
    private int piece;
    private boolean closed;

    LegacyPeer(SessionParts parts) {
        this.parts = parts;
        this.timeout = parts.limits().duration(Limit.PEER_CALL_TIMEOUT);
        int most = 0;
        for (IrqIndex index : IrqIndex.values()) {
            most = Math.max(most, parts.layout().irqCount(index));
        }
        this.vectors = most;
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        return start(LegacyCall.read(iova, into));
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        parts.dma()
                .region(iova)
                .ifPresent(region -> parts.log().written(region, iova, from.byteSize()));
        return start(LegacyCall.write(iova, from));
    }

    @Override
    public Completion send(int vector) {
        if (vector < 0 || vector >= vectors) {
            throw new DeviceException(
                    Errno.EINVAL, "vector: %d (expected: 0 to %d)".formatted(vector, vectors - 1));
        }
        return start(LegacyCall.interrupt(vector));
    }

    @Override
    public Optional<InterruptMessages> interruptMessages() {
        return Optional.of(this);
    }

    @Override
    public void reply(ByteBuf frame) {
        int start = frame.readerIndex();
        LegacyCall call = current;
        if (call == null || MessageHeader.messageId(frame, start) != id) {
            return;
        }
        stopTimer();
        if (MessageHeader.isError(frame, start)) {
            Errno errno = MessageHeader.errnoOf(MessageHeader.error(frame, start));
            end(() -> call.fail(errno, "client answered " + errno));
            return;
        }
        long moved;
        try {
            moved = moved(frame, call);
        } catch (Throwable thrown) {
            end(() -> call.done.completeExceptionally(thrown)); // memory that has gone
            return;
        }
        if (moved < 0) {
            String why =
                    "reply of %d bytes (expected: %d bytes of data moved)"
                            .formatted(frame.readableBytes(), piece);
            end(() -> call.fail(Errno.EIO, why));
        } else if (call.moved(moved)) {
            end(() -> call.done.complete(null));
        } else {
            sendPiece(call);
        }
    }

    @Override
    public void close() {
        closed = true;
        stopTimer();
        var ended = List.copyOf(waiting);
        waiting.clear();
        LegacyCall underWay = current;
        current = null;
        if (underWay != null) {
            underWay.fail(Errno.ENOTCONN, "the client has gone");
        }
        ended.forEach(call -> call.fail(Errno.ENOTCONN, "the client has gone"));
    }

    private Completion start(LegacyCall call) {
        if (waiting.size() >= MAX_WAITING) {
            throw new DeviceException(
                    Errno.EBUSY,
                    "waiting messages: %d (expected: below %d)"
                            .formatted(waiting.size(), MAX_WAITING));
        }
        if (closed) {
            call.fail(Errno.ENOTCONN, "the client has gone");
        } else if (current == null) {
            sendPiece(call);
        } else {
            waiting.add(call);
        }
        return Completion.after(call.done);
    }

    private void sendPiece(LegacyCall call) {
        current = call;
        id = id % ID_MASK + 1;
        ByteBuf message;
        try {
            message = encode(call);
        } catch (Throwable thrown) {
            end(() -> call.done.completeExceptionally(thrown)); // memory that has gone
            return;
        }
        timer = parts.loop().schedule(this::timedOut, timeout.toNanos());
        parts.requests().send(message);
    }

    private ByteBuf encode(LegacyCall call) {
        MemorySegment next = call.piece(parts.client().capabilities().maxDataXferSize());
        piece = (int) next.byteSize();
        boolean writes = call.command == LegacyCommand.DMA_WRITE;
        int size = DATA_AT + (writes ? piece : 0);
        ByteBuf out = parts.requests().buffer(size);
        try {
            write(out, call, size, next);
        } catch (Throwable thrown) {
            out.release();
            throw thrown;
        }
        return out;
    }

    private void write(ByteBuf out, LegacyCall call, int size, MemorySegment next) {
        if (call.command == LegacyCommand.VM_INTERRUPT) {
            LegacyEncoder.encodeInterrupt(out, id, call.vector());
            return;
        }
        new MessageHeader(id, call.command.id(), size, WireFormat.TYPE_COMMAND, 0).write(out);
        out.writeLongLE(call.address());
        out.writeIntLE(piece);
        if (call.command == LegacyCommand.DMA_WRITE) {
            out.writeBytes(next.asByteBuffer());
            MemoryFaults.deliverPending();
        }
    }

    /// Takes over what a good reply brings. Clients leave the address 0 in the answer to a read and
    /// the count 0 in that to a write.
    ///
    /// @return bytes moved, or -1 if it is no answer to what was asked
    private long moved(ByteBuf frame, LegacyCall call) {
        int size = frame.readableBytes();
        if (call.command == LegacyCommand.VM_INTERRUPT) {
            return 0;
        }
        boolean reads = call.command == LegacyCommand.DMA_READ;
        if (!reads && size == HEADER_SIZE) {
            return piece;
        }
        if (size < DATA_AT) {
            return -1;
        }
        int start = frame.readerIndex();
        long count = frame.getUnsignedIntLE(start + COUNT_AT);
        if (!reads && count == 0) {
            return piece;
        }
        if (count < 1 || count > piece || (reads && count > size - DATA_AT)) {
            return -1;
        }
        if (reads) {
            frame.getBytes(start + DATA_AT, call.piece((int) count).asByteBuffer());
            MemoryFaults.deliverPending();
        }
        return count;
    }

    /// Ends a call, and begins the next one before those who wait for this one can ask for more.
    private void end(Runnable outcome) {
        current = null;
        LegacyCall next = waiting.poll();
        if (next != null) {
            sendPiece(next);
        }
        outcome.run();
    }

    private void timedOut() {
        LegacyCall call = current;
        timer = null;
        if (call != null) {
            end(() ->
                    call.fail(
                            Errno.ETIMEDOUT,
                            "no answer (expected: within peerCallTimeout, " + timeout + ")"));
        }
    }

    private void stopTimer() {
        DeviceTimer running = timer;
        if (running != null) {
            running.cancel();
            timer = null;
        }
    }
}
