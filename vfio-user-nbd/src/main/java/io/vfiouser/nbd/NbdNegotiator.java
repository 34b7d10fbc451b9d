package io.vfiouser.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Talks to a server until an export is ready: greeting, TLS, structured replies, `NBD_OPT_GO`
/// (proto.md, "Handshake phase"). Then the [NbdReplyReader] takes its place.
final class NbdNegotiator extends ByteToMessageDecoder {
    private static final int GREETING_SIZE = 18;
    private static final int REPLY_HEAD_SIZE = 20;
    private static final int MAX_REPLY = 64 * 1024;
    private static final int MAX_SAID = 64;

    private final NbdLink link;
    private final NbdUri uri;
    private final Optional<NbdTls> tls;
    private int option;
    private boolean structured;
    private boolean exportKnown;
    private long size;
    private int flags;
    private int minimum = NbdExport.DEFAULT_MINIMUM;
    private int preferred = NbdExport.DEFAULT_PREFERRED;
    private long maximum = NbdExport.DEFAULT_MAXIMUM;

    NbdNegotiator(NbdLink link, NbdUri uri, Optional<NbdTls> tls) {
        this.link = link;
        this.uri = uri;
        this.tls = tls;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!link.isCurrent(ctx.channel())) {
            in.skipBytes(in.readableBytes()); // given up: what it says now must not bring it back
        } else if (option == 0) {
            greeting(ctx, in);
        } else {
            optionReply(ctx, in);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        link.lost(ctx.channel(), "connection: closed by the server during negotiation");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable reason = cause.getCause() == null ? cause : cause.getCause();
        link.lost(ctx.channel(), NbdFaultException.reason(reason));
    }

    private void greeting(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < GREETING_SIZE) {
            return;
        }
        long magic = in.readLong();
        long style = in.readLong();
        int handshake = in.readUnsignedShort();
        if (magic != NbdWire.GREETING_MAGIC || style != NbdWire.OPTION_MAGIC) {
            throw new NbdFaultException(
                    "greeting: 0x%x 0x%x (expected: NBDMAGIC IHAVEOPT)".formatted(magic, style));
        }
        if ((handshake & NbdWire.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new NbdFaultException(
                    "handshake flags: 0x%x (expected: fixed newstyle)".formatted(handshake));
        }
        ByteBuf flagsOut = ctx.alloc().buffer(Integer.BYTES);
        flagsOut.writeInt(handshake & (NbdWire.FLAG_FIXED_NEWSTYLE | NbdWire.FLAG_NO_ZEROES));
        var _ = ctx.write(flagsOut, ctx.voidPromise());
        send(ctx, tls.isPresent() ? NbdWire.OPT_STARTTLS : NbdWire.OPT_STRUCTURED_REPLY, null);
    }

    private void optionReply(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readableBytes() < REPLY_HEAD_SIZE) {
            return;
        }
        int start = in.readerIndex();
        long magic = in.getLong(start);
        int about = in.getInt(start + 8);
        int type = in.getInt(start + 12);
        long length = in.getUnsignedInt(start + 16);
        if (magic != NbdWire.OPTION_REPLY_MAGIC || about != option || length > MAX_REPLY) {
            throw new NbdFaultException(
                    "option reply: 0x%x to %d, %d bytes (expected: a reply to %d, up to %d bytes)"
                            .formatted(magic, about, length, option, MAX_REPLY));
        }
        if (in.readableBytes() < REPLY_HEAD_SIZE + length) {
            return;
        }
        in.skipBytes(REPLY_HEAD_SIZE);
        ByteBuf data = in.readSlice((int) length);
        switch (option) {
            case NbdWire.OPT_STARTTLS -> startTls(ctx, type, data, in);
            case NbdWire.OPT_STRUCTURED_REPLY -> {
                structured = type == NbdWire.REP_ACK;
                if (type == NbdWire.REP_ERR_TLS_REQD) {
                    throw refused(type, data);
                }
                send(ctx, NbdWire.OPT_GO, go(ctx));
            }
            default -> goReply(ctx, type, data);
        }
    }

    private void startTls(ChannelHandlerContext ctx, int type, ByteBuf data, ByteBuf in) {
        if (type != NbdWire.REP_ACK) {
            throw refused(type, data);
        }
        if (in.isReadable()) {
            throw new NbdFaultException(
                    "server: %d bytes before TLS (expected: none)".formatted(in.readableBytes()));
        }
        SslHandler handler = tls.orElseThrow().handler(ctx.alloc());
        ctx.pipeline().addFirst(handler);
        handler.handshakeFuture()
                .addListener(done -> {
                    if (done.isSuccess()) {
                        send(ctx, NbdWire.OPT_STRUCTURED_REPLY, null);
                    } else {
                        link.lost(ctx.channel(), "TLS: " + NbdFaultException.reason(done.cause()));
                    }
                });
    }

    private void goReply(ChannelHandlerContext ctx, int type, ByteBuf data) {
        if (type == NbdWire.REP_INFO) {
            info(data);
        } else if (type != NbdWire.REP_ACK) {
            throw refused(type, data);
        } else if (!exportKnown) {
            throw new NbdFaultException("export: ready without a size (expected: NBD_INFO_EXPORT)");
        } else {
            NbdExport export = NbdExport.of(size, flags, minimum, preferred, maximum);
            var reader = new NbdReplyReader(link, structured);
            ctx.pipeline().addAfter(ctx.name(), null, reader);
            // Removal passes on what came behind this reply, which may break the link again.
            link.ready(export);
            ctx.pipeline().remove(this);
        }
    }

    private void info(ByteBuf data) {
        int kind = data.readableBytes() < 2 ? -1 : data.readUnsignedShort();
        if (kind == NbdWire.INFO_EXPORT && data.readableBytes() == 10) {
            size = data.readLong();
            flags = data.readUnsignedShort();
            exportKnown = true;
        } else if (kind == NbdWire.INFO_BLOCK_SIZE && data.readableBytes() == 12) {
            minimum = data.readInt();
            preferred = data.readInt();
            maximum = data.readUnsignedInt();
        } else if (kind < 0 || kind == NbdWire.INFO_EXPORT || kind == NbdWire.INFO_BLOCK_SIZE) {
            throw new NbdFaultException(
                    "export information: %d, %d bytes (expected: its size)"
                            .formatted(kind, data.readableBytes()));
        }
    }

    private ByteBuf go(ChannelHandlerContext ctx) {
        byte[] name = uri.export().getBytes(StandardCharsets.UTF_8);
        ByteBuf data = ctx.alloc().buffer(name.length + 8);
        data.writeInt(name.length).writeBytes(name);
        return data.writeShort(1).writeShort(NbdWire.INFO_BLOCK_SIZE);
    }

    private void send(ChannelHandlerContext ctx, int option, @Nullable ByteBuf data) {
        this.option = option;
        ByteBuf head = ctx.alloc().buffer(16);
        head.writeLong(NbdWire.OPTION_MAGIC).writeInt(option);
        head.writeInt(data == null ? 0 : data.readableBytes());
        var _ = ctx.write(head, ctx.voidPromise());
        if (data != null) {
            var _ = ctx.write(data, ctx.voidPromise());
        }
        ctx.flush();
    }

    private NbdFaultException refused(int type, ByteBuf data) {
        String why =
                switch (type) {
                    case NbdWire.REP_ERR_TLS_REQD -> "TLS is required, nbds in the URI asks for it";
                    case NbdWire.REP_ERR_UNKNOWN -> "no such export";
                    case NbdWire.REP_ERR_UNSUP -> "not known to the server";
                    default -> "error 0x%x".formatted(type);
                };
        return new NbdFaultException("option %d: %s%s".formatted(option, why, text(data)));
    }

    /// What the server says, made fit for one line.
    private static String text(ByteBuf data) {
        String said = NbdFaultException.line(data.toString(StandardCharsets.US_ASCII), MAX_SAID);
        return said.isEmpty() ? "" : ": " + said;
    }
}
