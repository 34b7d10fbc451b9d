package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.server.region.RegionTable;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// REGION_READ and REGION_WRITE, straight from the received bytes to the device and back: the path
/// that decides how fast a device is. No message object, and for register accesses no allocation.
///
/// An access of up to [SmallAccess#MAX] bytes goes through a reused window. A larger read is
/// written by the device into the reply itself; a larger write is read by the device from the
/// receive buffer. Where a region is plain memory
/// ([RegionHandler#memory][io.vfiouser.device.region.RegionHandler#memory]), large data goes
/// between there and the socket, and the device is not called.
///
/// A fault in client memory that the device ran into is asked for before the device's result is
/// used: compiled code raises it late, and it must not be taken for somebody else's.
final class RegionCommands {
    private static final int FIXED_SIZE = RegionAccess.MINIMUM_MESSAGE_SIZE;

    /// Bytes from which on a copy costs more than going around it.
    private static final int DIRECT_MINIMUM = 8192;

    private final Session session;
    private final RegionTable regions;
    private final int maxTransferSize;
    private final ServerDialect dialect;
    private final int readCommand;
    private final int writeCommand;

    RegionCommands(
            Session session, RegionTable regions, int maxTransferSize, ServerDialect dialect) {
        this.session = session;
        this.regions = regions;
        this.maxTransferSize = maxTransferSize;
        this.dialect = dialect;
        this.readCommand = dialect.regionRead();
        this.writeCommand = dialect.regionWrite();
    }

    /// Runs a REGION_READ.
    ///
    /// @param frame the whole message, borrowed
    void read(ByteBuf frame, int messageId, boolean noReply) {
        checkSize(frame);
        int start = frame.readerIndex();
        long offset = RegionAccess.offset(frame, start);
        int index = RegionAccess.region(frame, start);
        int count = checkedCount(RegionAccess.count(frame, start));
        Region region = regions.readable(index, offset, count);
        if (count <= SmallAccess.MAX) {
            readSmall(region, index, offset, count, messageId, noReply);
        } else {
            readLarge(region, index, offset, count, messageId, noReply);
        }
    }

    /// Runs a REGION_WRITE.
    ///
    /// @param frame the whole message, borrowed
    void write(ByteBuf frame, int messageId, boolean noReply) {
        checkSize(frame);
        int start = frame.readerIndex();
        long offset = RegionAccess.offset(frame, start);
        int index = RegionAccess.region(frame, start);
        int count = checkedCount(RegionAccess.count(frame, start));
        if (frame.readableBytes() - FIXED_SIZE != count) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "data: "
                            + (frame.readableBytes() - FIXED_SIZE)
                            + " bytes (expected: count, "
                            + count
                            + ")");
        }
        Region region = regions.writable(index, offset, count);
        if (count <= SmallAccess.MAX) {
            writeSmall(region, frame, index, offset, count, messageId, noReply);
        } else {
            writeLarge(region, frame, index, offset, count, messageId, noReply);
        }
    }

    /// Where the data of a REGION_WRITE goes that has begun to come: into the device's memory, if
    /// it may; empty otherwise, and the message is refused, or run, when it is whole.
    ///
    /// @param beginning of the message, borrowed
    Optional<ByteBuf> place(ByteBuf beginning, int size) {
        int count = size - FIXED_SIZE;
        if (count < DIRECT_MINIMUM
                || count > maxTransferSize
                || beginning.readableBytes() < FIXED_SIZE) {
            return Optional.empty();
        }
        int start = beginning.readerIndex();
        if (RegionAccess.count(beginning, start) != count) {
            return Optional.empty();
        }
        int index = RegionAccess.region(beginning, start);
        long offset = RegionAccess.offset(beginning, start);
        return regions.memory(index, offset, count, true).map(to -> buffer(to).clear());
    }

    /// Ends a REGION_WRITE whose data is in its place.
    ///
    /// @param head the message without the data, borrowed
    void placed(ByteBuf head, int messageId, boolean noReply) {
        int start = head.readerIndex();
        long offset = RegionAccess.offset(head, start);
        int index = RegionAccess.region(head, start);
        int count = RegionAccess.count(head, start);
        var _ = regions.writable(index, offset, count); // counts it
        if (!noReply) {
            appendWritten(index, offset, count, messageId);
        }
    }

    private static ByteBuf buffer(MemorySegment memory) {
        return Unpooled.wrappedBuffer(memory.asByteBuffer());
    }

    private void readSmall(
            Region region, int index, long offset, int count, int messageId, boolean noReply) {
        SmallAccess access = SmallAccess.take();
        Completion completion = Completion.DONE;
        try {
            if (count > 0) {
                completion = region.handler().read(offset, access.zeroed(count));
                MemoryFaults.deliverPending();
            }
        } catch (Throwable thrown) {
            if (completion instanceof Completion.Done) {
                access.giveBack();
            }
            throw thrown;
        }
        if (completion instanceof Completion.Pending(var stage)) {
            session.await(
                    stage,
                    messageId,
                    readCommand,
                    noReply,
                    _ -> {
                        if (!noReply) {
                            appendRead(access, index, offset, count, messageId);
                        }
                    },
                    access::giveBack);
            return;
        }
        if (!noReply) {
            appendRead(access, index, offset, count, messageId);
        }
        access.giveBack();
    }

    private void appendRead(SmallAccess access, int index, long offset, int count, int messageId) {
        ByteBuf out = session.replies().room(FIXED_SIZE + count);
        dialect.startRegionReply(out, messageId, readCommand, index, offset, count, count);
        access.append(count, out);
    }

    private void readLarge(
            Region region, int index, long offset, int count, int messageId, boolean noReply) {
        if (count >= DIRECT_MINIMUM && !noReply && !session.isWatched()) {
            Optional<MemorySegment> memory = region.handler().memory(offset, count);
            if (memory.isPresent()) {
                ByteBuf head = session.replies().room(FIXED_SIZE);
                dialect.startRegionReply(head, messageId, readCommand, index, offset, count, count);
                session.lend(buffer(memory.get()));
                return;
            }
        }
        int size = FIXED_SIZE + count;
        ByteBuf reply = session.buffer(size);
        Completion completion;
        try {
            dialect.startRegionReply(reply, messageId, readCommand, index, offset, count, count);
            reply.setZero(FIXED_SIZE, count); // what another client left there is nobody else's
            var into = MemorySegment.ofBuffer(reply.nioBuffer(FIXED_SIZE, count));
            completion = region.handler().read(offset, into);
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            reply.release();
            throw thrown;
        }
        reply.writerIndex(size);
        if (completion instanceof Completion.Pending(var stage)) {
            session.await(
                    stage,
                    messageId,
                    readCommand,
                    noReply,
                    _ -> sendLarge(reply.retain(), noReply),
                    reply::release);
        } else {
            sendLarge(reply, noReply);
        }
    }

    private void sendLarge(ByteBuf reply, boolean noReply) {
        if (noReply) {
            reply.release();
        } else {
            session.replies().message(reply);
        }
    }

    private void writeSmall(
            Region region,
            ByteBuf frame,
            int index,
            long offset,
            int count,
            int messageId,
            boolean noReply) {
        SmallAccess access = SmallAccess.take();
        Completion completion = Completion.DONE;
        try {
            if (count > 0) {
                int data = frame.readerIndex() + FIXED_SIZE;
                completion = region.handler().write(offset, access.fill(count, frame, data));
                MemoryFaults.deliverPending();
            }
        } catch (Throwable thrown) {
            if (completion instanceof Completion.Done) {
                access.giveBack();
            }
            throw thrown;
        }
        if (completion instanceof Completion.Pending(var stage)) {
            awaitWrite(stage, index, offset, count, messageId, noReply, access::giveBack);
            return;
        }
        access.giveBack();
        if (!noReply) {
            appendWritten(index, offset, count, messageId);
        }
    }

    private void writeLarge(
            Region region,
            ByteBuf frame,
            int index,
            long offset,
            int count,
            int messageId,
            boolean noReply) {
        ByteBuf data = frame.retainedSlice(frame.readerIndex() + FIXED_SIZE, count);
        Completion completion;
        try {
            var from = MemorySegment.ofBuffer(data.nioBuffer());
            completion = region.handler().write(offset, from);
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            data.release();
            throw thrown;
        }
        if (completion instanceof Completion.Pending(var stage)) {
            awaitWrite(stage, index, offset, count, messageId, noReply, data::release);
            return;
        }
        data.release();
        if (!noReply) {
            appendWritten(index, offset, count, messageId);
        }
    }

    private void awaitWrite(
            CompletionStage<?> stage,
            int index,
            long offset,
            int count,
            int messageId,
            boolean noReply,
            Runnable release) {
        session.await(
                stage,
                messageId,
                writeCommand,
                noReply,
                _ -> {
                    if (!noReply) {
                        appendWritten(index, offset, count, messageId);
                    }
                },
                release);
    }

    private void appendWritten(int index, long offset, int count, int messageId) {
        ByteBuf out = session.replies().room(FIXED_SIZE);
        dialect.startRegionReply(out, messageId, writeCommand, index, offset, count, 0);
    }

    private static void checkSize(ByteBuf frame) {
        if (frame.readableBytes() < FIXED_SIZE) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "message size: "
                            + frame.readableBytes()
                            + " (expected: at least "
                            + FIXED_SIZE
                            + ")");
        }
    }

    /// @param count an unsigned number
    private int checkedCount(int count) {
        if (Integer.compareUnsigned(count, maxTransferSize) > 0) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "count: "
                            + Integer.toUnsignedString(count)
                            + " (expected: at most maxTransferSize, "
                            + maxTransferSize
                            + ")");
        }
        return count;
    }
}
