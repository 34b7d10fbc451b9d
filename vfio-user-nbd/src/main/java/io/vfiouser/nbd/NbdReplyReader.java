package io.vfiouser.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/// Reads replies, simple and structured, and puts data straight where it belongs. Everything that
/// the server sends is checked; what does not fit ends the connection.
final class NbdReplyReader extends ChannelInboundHandlerAdapter {
    /// The largest head: a structured reply with an error and its message.
    private static final int MAX_ERROR = 6 + NbdWire.MAX_STRING + Long.BYTES;

    private static final int MAX_HEAD = NbdWire.STRUCTURED_REPLY_SIZE + MAX_ERROR;

    private final NbdLink link;
    private final boolean structured;
    private final ByteBuf head = Unpooled.buffer(64, MAX_HEAD);
    private int wanted = Integer.BYTES;
    private @Nullable NbdCommand reading;
    private long position;
    private long dataLeft;
    private boolean lastChunk;

    NbdReplyReader(NbdLink link, boolean structured) {
        this.link = link;
        this.structured = structured;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable() && link.isCurrent(ctx.channel())) {
                consume(in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        link.repliesRead();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        link.repliesRead();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        link.lost(ctx.channel(), "connection: closed by the server");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        link.lost(ctx.channel(), NbdFaultException.reason(cause));
    }

    private void consume(ByteBuf in) {
        NbdCommand command = reading;
        if (command != null) {
            int part = (int) Math.min(in.readableBytes(), dataLeft);
            command.take(position, in, part);
            position += part;
            dataLeft -= part;
            if (dataLeft == 0) {
                reading = null;
                endOfChunk(command);
            }
            return;
        }
        in.readBytes(head, Math.min(in.readableBytes(), wanted - head.readableBytes()));
        if (head.readableBytes() == wanted) {
            headComplete();
        }
    }

    private void headComplete() {
        int magic = head.getInt(0);
        if (magic == NbdWire.SIMPLE_REPLY_MAGIC) {
            if (want(NbdWire.SIMPLE_REPLY_SIZE)) {
                simpleReply();
            }
        } else if (magic == NbdWire.STRUCTURED_REPLY_MAGIC && structured) {
            if (want(NbdWire.STRUCTURED_REPLY_SIZE)) {
                structuredReply();
            }
        } else {
            throw new NbdFaultException("reply magic: 0x%x (expected: a reply)".formatted(magic));
        }
    }

    /// Whether the head has that many bytes; else they are read first.
    private boolean want(int size) {
        wanted = Math.max(wanted, size);
        return head.readableBytes() >= size;
    }

    private void nextReply() {
        head.clear();
        wanted = Integer.BYTES;
    }

    private void simpleReply() {
        int error = head.getInt(4);
        NbdCommand command = link.command(head.getLong(8));
        lastChunk = true;
        if (error != 0) {
            endWithError(command, error);
        } else if (command.isRead()) {
            if (structured) {
                throw new NbdFaultException(
                        "reply: a simple one to a read (expected: a structured one)");
            }
            startData(command, 0, command.length());
        } else {
            endOfChunk(command);
        }
    }

    private void structuredReply() {
        lastChunk = (head.getUnsignedShort(4) & NbdWire.REPLY_FLAG_DONE) != 0;
        int type = head.getUnsignedShort(6);
        NbdCommand command = link.command(head.getLong(8));
        long size = head.getUnsignedInt(16);
        if ((type & NbdWire.REPLY_ERROR_BIT) != 0) {
            require(size >= 6 && size <= MAX_ERROR, "error chunk", size);
            if (want(NbdWire.STRUCTURED_REPLY_SIZE + (int) size)) {
                int error = head.getInt(NbdWire.STRUCTURED_REPLY_SIZE);
                require(error != 0, "error", error);
                endWithError(command, error);
            }
        } else if (type == NbdWire.REPLY_NONE) {
            require(size == 0 && lastChunk, "empty chunk", size);
            endOfChunk(command);
        } else if (type == NbdWire.REPLY_OFFSET_DATA && command.isRead()) {
            require(size > Long.BYTES, "data chunk", size);
            if (want(NbdWire.STRUCTURED_REPLY_SIZE + Long.BYTES)) {
                long offset = head.getLong(NbdWire.STRUCTURED_REPLY_SIZE);
                startData(command, offset - command.offset(), size - Long.BYTES);
            }
        } else if (type == NbdWire.REPLY_OFFSET_HOLE && command.isRead()) {
            require(size == Long.BYTES + Integer.BYTES, "hole chunk", size);
            if (want(NbdWire.STRUCTURED_REPLY_SIZE + Long.BYTES + Integer.BYTES)) {
                hole(command);
            }
        } else {
            throw new NbdFaultException(
                    "reply chunk type: %d (expected: one that fits the command)".formatted(type));
        }
    }

    private void hole(NbdCommand command) {
        long offset = head.getLong(NbdWire.STRUCTURED_REPLY_SIZE) - command.offset();
        long size = head.getUnsignedInt(NbdWire.STRUCTURED_REPLY_SIZE + Long.BYTES);
        command.expectPiece(offset, size);
        command.takeHole(offset, size);
        endOfChunk(command);
    }

    private void startData(NbdCommand command, long from, long size) {
        command.expectPiece(from, size);
        nextReply();
        reading = command;
        position = from;
        dataLeft = size;
    }

    private void endWithError(NbdCommand command, int error) {
        if (error == NbdErrors.SHUTDOWN) {
            throw new NbdFaultException("server: going down");
        }
        command.fail(NbdErrors.status(error));
        endOfChunk(command);
    }

    private void endOfChunk(NbdCommand command) {
        nextReply();
        if (!lastChunk) {
            return;
        }
        if (command.isRead() && command.status().isOk() && !command.isFull()) {
            throw new NbdFaultException(
                    "reply: ends before all %d bytes (expected: all of them)"
                            .formatted(command.length()));
        }
        link.ended(command);
    }

    private static void require(boolean fits, String what, long size) {
        if (!fits) {
            throw new NbdFaultException("%s: %d (expected: another size)".formatted(what, size));
        }
    }
}
