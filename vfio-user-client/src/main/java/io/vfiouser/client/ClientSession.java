package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.memory.DmaResponder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.BulkMessage;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a server: sends commands, finds the call that a reply belongs to, and lets the
/// commands of the server be answered.
///
/// Fields belong to the loop; [#call], [#post] and [#send] may be used from any thread.
final class ClientSession implements FrameHandler, ReplyPath, TwinSocket.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);
    private static final int ID_MASK = 0xffff;

    private final Connection connection;
    private final ClientOptions options;
    private final DmaResponder responder;
    private final ServerCalls serverCalls;
    private final ClientWire wire;
    private final InterruptInbox interrupts = new InterruptInbox();
    private final PendingCalls pending = new PendingCalls();
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private int nextId;
    private boolean negotiated;
    private boolean ended;
    private boolean closedHere;
    private @Nullable ProtocolViolationException violation;
    private @Nullable TwinSocket twin;

    /// A session that has sent nothing yet.
    ClientSession(Connection connection, ClientOptions options, DmaResponder responder) {
        this.connection = connection;
        this.options = options;
        this.wire = ClientWire.of(options.dialect());
        this.responder = responder;
        this.serverCalls = answering(this);
    }

    Connection connection() {
        return connection;
    }

    /// Completed when the connection has ended: normally if either side closed it, with a
    /// [ConnectionClosedException] if the server broke the protocol.
    CompletableFuture<@Nullable Void> closed() {
        return closed;
    }

    /// From now on the server may send commands. On the loop.
    void negotiated() {
        negotiated = true;
    }

    /// From now on the server sends commands on a second stream, and no longer on this one. On the
    /// loop.
    ///
    /// @param end belongs to the session from now on
    void useTwinSocket(FileDescriptor end) {
        twin =
                TwinSocket.open(
                        end, connection.loop(), Attempt.limits(options), this, this::answering);
    }

    /// Sends a command whose reply `reader` turns into the result; see [PendingCall].
    ///
    /// @param request taken over, released if it carries data
    /// @param descriptors taken over
    <T extends @Nullable Object> CompletableFuture<T> call(
            ClientRequest request, FdBundle descriptors, Duration timeout, ReplyReader<T> reader) {
        return callEncoded(
                request.commandId(),
                encode(request, !descriptors.isEmpty(), false),
                descriptors,
                timeout,
                reader);
    }

    /// The interrupts that came as messages.
    InterruptInbox interrupts() {
        return interrupts;
    }

    /// Sends a `DIRTY_PAGES`, which only the legacy dialect has.
    <T extends @Nullable Object> CompletableFuture<T> callDirtyPages(
            LegacyRequest.DirtyPages request, Duration timeout, ReplyReader<T> reader) {
        if (wire != ClientWire.LEGACY) {
            throw new IllegalStateException("DIRTY_PAGES (expected: the legacy dialect)");
        }
        ByteBuf message = connection.buffer();
        LegacyEncoder.encode(message, 0, request, false);
        return callEncoded(
                LegacyCommand.DIRTY_PAGES.id(), message, FdBundle.empty(), timeout, reader);
    }

    /// Sends a command that is encoded already, but for its id.
    <T extends @Nullable Object> CompletableFuture<T> callEncoded(
            int commandId,
            ByteBuf message,
            FdBundle descriptors,
            Duration timeout,
            ReplyReader<T> reader) {
        var call = new PendingCall<>(wire, commandId, timeout, reader);
        onLoop(message, descriptors, () -> start(call, message, descriptors), call::fail);
        return call.result();
    }

    /// Sends a command that is not answered.
    ///
    /// @param request taken over, released if it carries data
    /// @param descriptors taken over
    /// @return completed when the socket has taken it
    CompletableFuture<@Nullable Void> post(ClientRequest request, FdBundle descriptors) {
        ByteBuf message = encode(request, !descriptors.isEmpty(), true);
        var sent = new CompletableFuture<@Nullable Void>();
        onLoop(
                message,
                descriptors,
                () -> {
                    message.setShortLE(message.readerIndex(), takeId());
                    forward(connection.write(message, descriptors), sent);
                },
                sent::completeExceptionally);
        return sent;
    }

    @Override
    public ByteBuf buffer() {
        return connection.buffer();
    }

    @Override
    public void send(ByteBuf message) {
        onLoop(
                message,
                FdBundle.empty(),
                () -> {
                    var _ = connection.write(message, FdBundle.empty());
                },
                cause -> LOG.debug("{} not sent: {}", this, cause.getMessage()));
    }

    /// Ends the connection and waits for that unless on a loop.
    void close() {
        try {
            connection.run(() -> {
                closedHere = true;
                closeTwin();
            });
        } catch (RejectedExecutionException _) {
            LOG.debug("{} its loop ended first", this);
        }
        connection.closeAndWait();
    }

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        if (ended || violation != null) {
            descriptors.close();
            return;
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} received {}", this, WireTrace.describe(frame, options.dialect()));
        }
        if (MessageHeader.type(frame, frame.readerIndex()) == WireFormat.TYPE_REPLY) {
            takeReply(frame, descriptors);
        } else if (negotiated && twin == null) {
            serverCalls.handle(frame, descriptors);
        } else {
            descriptors.close();
            String what =
                    negotiated
                            ? "a command beside the twin socket"
                            : "a command before the reply to VERSION";
            throw unexpected(what, frame);
        }
    }

    @Override
    public void framesDone() {
        // What was written meanwhile is flushed by a task of the loop, see Connection.write.
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        LOG.warn("{} closing: {}", this, cause.getMessage());
        violation = cause;
        connection.close();
    }

    @Override
    public void streamEnded() {
        ended = true;
        closeTwin();
        pending.drain(call -> call.fail(closedBefore(call.toString())));
        if (violation == null) {
            closed.complete(null);
        } else {
            closed.completeExceptionally(closedBefore("the end"));
        }
    }

    @Override
    public void twinViolated(ProtocolViolationException cause) {
        streamViolated(cause);
    }

    /// A server whose commands cannot be answered any more has failed.
    @Override
    public void twinEnded() {
        connection.close();
    }

    /// Such as `[/run/vm1/gpio0.sock]`.
    @Override
    public String toString() {
        return "[" + connection.socket() + "]";
    }

    private ServerCalls answering(ReplyPath path) {
        return new ServerCalls(
                toString(),
                path,
                responder,
                options.dmaDialect(),
                options.capabilities().maxDataXferSize(),
                interrupts::add);
    }

    private void closeTwin() {
        TwinSocket open = twin;
        if (open != null) {
            open.close();
        }
    }

    private void start(PendingCall<?> call, ByteBuf message, FdBundle descriptors) {
        int id = takeId();
        message.setShortLE(message.readerIndex(), id);
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} sending {}", this, WireTrace.describe(message, options.dialect()));
        }
        call.start(id, connection.loop());
        pending.add(call);
        connection
                .write(message, descriptors)
                .addListener(written -> {
                    if (!written.isSuccess() && !ended) {
                        pending.remove(call);
                        call.fail(notSent(call.toString(), written.cause()));
                    }
                });
    }

    private void takeReply(ByteBuf frame, FdBundle descriptors) {
        int start = frame.readerIndex();
        int commandId = MessageHeader.commandId(frame, start);
        PendingCall<?> call = pending.take(MessageHeader.messageId(frame, start));
        if (call == null) {
            descriptors.close();
            throw unexpected("a reply that no command waits for", frame);
        }
        if (!wire.answers(call.commandId(), commandId)) {
            descriptors.close();
            ProtocolViolationException wrong =
                    unexpected("a reply with another command than " + call, frame);
            call.fail(new MalformedReplyException(String.valueOf(wrong.getMessage()), wrong));
            throw wrong;
        }
        call.reply(frame, descriptors);
    }

    private int takeId() {
        return options.fixedMessageId().orElseGet(() -> nextId++ & ID_MASK);
    }

    private ByteBuf encode(ClientRequest request, boolean descriptor, boolean noReply) {
        ByteBuf message = connection.buffer();
        try {
            wire.encode(message, 0, request, descriptor, noReply);
            return message;
        } catch (RuntimeException e) {
            message.release();
            throw e;
        } finally {
            if (request instanceof BulkMessage bulk) {
                bulk.release();
            }
        }
    }

    /// Runs a send on the loop, or frees what was to be sent and says why it was not.
    private void onLoop(
            ByteBuf message, FdBundle descriptors, Runnable send, Consumer<Throwable> failed) {
        Consumer<Throwable> drop =
                cause -> {
                    message.release();
                    descriptors.close();
                    failed.accept(cause);
                };
        try {
            connection.run(() -> {
                if (ended || violation != null) {
                    drop.accept(closedBefore("the command"));
                } else {
                    send.run();
                }
            });
        } catch (RejectedExecutionException e) {
            drop.accept(new ConnectionClosedException(this + " its loop has ended", e));
        }
    }

    private void forward(ChannelFuture written, CompletableFuture<@Nullable Void> sent) {
        written.addListener(future -> {
            if (future.isSuccess()) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(notSent("the command", future.cause()));
            }
        });
    }

    private RuntimeException notSent(String what, Throwable cause) {
        if (cause instanceof IllegalArgumentException ours) {
            return ours;
        }
        // A channel that is closed already says nothing more.
        String why = cause.getMessage() == null ? "the connection is closed" : cause.getMessage();
        return new ConnectionClosedException(this + " " + what + " was not sent: " + why, cause);
    }

    private ConnectionClosedException closedBefore(String what) {
        ProtocolViolationException broken = violation;
        if (broken != null) {
            return new ConnectionClosedException(
                    this + " closed before " + what + ": the server sent " + broken.getMessage(),
                    broken);
        }
        String who = closedHere ? "this side" : "the server";
        return new ConnectionClosedException(this + " closed by " + who + " before " + what);
    }

    private static ProtocolViolationException unexpected(String what, ByteBuf frame) {
        return new ProtocolViolationException(what + "; got " + PendingCall.shown(frame));
    }
}
