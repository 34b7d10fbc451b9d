package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.dispatch.ErrorMapper;
import io.vfiouser.server.dispatch.Fault;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.peer.RequestSink;
import io.vfiouser.server.peer.StreamImage;
import io.vfiouser.server.peer.TwinSocket;
import io.vfiouser.server.tap.StreamTap;
import io.vfiouser.server.watch.LoopWatch;
import io.vfiouser.server.watch.Watched;
import io.vfiouser.transport.VfioUserChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// One connection: takes whole messages off the stream, runs them one after the other, and answers
/// in the order of arrival.
///
/// While a command is at work later ones are held ([CommandQueue]); answers to our own DMA_READ and
/// DMA_WRITE pass them by. A client that does not read its replies is not read from either, once
/// the channel is over its high water mark. What a turn of the loop has no more time for is held as
/// well, and goes on in the next turn ([TurnBudget]). Belongs to the loop.
final class Session extends ChannelInboundHandlerAdapter implements FrameHandler, RequestSink {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /// Bytes from which on an access is watched as closely as other commands.
    private static final int LONG_ACCESS = 4096;

    private final DeviceHost host;
    private final long number;
    private final VfioUserChannel channel;
    private final ServerDialect dialect;
    private final int regionRead;
    private final int regionWrite;
    private final int migrationRead;
    private final StreamTap tap;
    private final Replies replies;
    private final CommandQueue queue;
    private final TurnBudget budget;
    private final CommandTimer timer;
    private final LoopWatch watch;
    private @Nullable Attachment attachment;
    private @Nullable TwinSocket twin;
    private @Nullable Future<?> negotiationTimer;
    private final boolean padsErrors;
    private final int maxTransferSize;
    private final int maxUnreadBytes;
    private @Nullable MessageTimer messages;
    private int errorPadding;
    private boolean busy;
    private boolean lending;
    private long works;
    private int workMessageId;
    private int workCommand;
    private boolean workWantsReply;
    private boolean inTurn;
    private boolean draining;
    private boolean ending;
    private boolean nextTurnAsked;
    private boolean frozen;
    private boolean suspended;
    private boolean handedOver;
    private @Nullable Runnable whenIdle;
    private @Nullable FrameDecoder decoder;
    private @Nullable Version client;
    private @Nullable StreamImage stream;
    private @Nullable StreamImage twinStream;
    private boolean ended;
    private String endReason = "the client closed the connection";

    /// A session that waits for VERSION; it goes into the channel's pipeline behind the frame
    /// decoder.
    Session(DeviceHost host, long number, VfioUserChannel channel) {
        this.host = host;
        this.number = number;
        this.channel = channel;
        this.dialect = host.dialect();
        this.regionRead = dialect.regionRead();
        this.regionWrite = dialect.regionWrite();
        this.migrationRead = dialect.migrationRead();
        this.tap = new StreamTap(host.taps(), number, false);
        this.replies = new Replies(channel, dialect, tap);
        this.queue = new CommandQueue(host.limits());
        this.budget = new TurnBudget(host.limits().duration(Limit.TURN_TIME).toNanos());
        this.timer = new CommandTimer(host, number);
        this.watch = host.watch();
        this.padsErrors = host.options().padErrors();
        this.maxUnreadBytes = host.limits().count(Limit.MAX_UNREAD_BYTES);
        this.maxTransferSize = host.limits().count(Limit.MAX_TRANSFER_SIZE);
    }

    FileDescriptor socket() {
        return channel.fd();
    }

    long number() {
        return number;
    }

    /// Closes the connection unless VERSION has been taken by then.
    void limitNegotiation() {
        var limit = host.limits().duration(Limit.NEGOTIATION_TIMEOUT);
        negotiationTimer =
                host.loop()
                        .schedule(
                                () -> end("no VERSION within negotiationTimeout, " + limit),
                                limit.toNanos(),
                                TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(_ -> endNegotiation());
    }

    /// A timer that waits costs each `epoll_wait` of the loop.
    private void endNegotiation() {
        Future<?> timer = negotiationTimer;
        negotiationTimer = null;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /// Closes the connection when a message stays incomplete for too long.
    ///
    /// @param decoder knows whether one is
    void limitMessages(FrameDecoder decoder) {
        var limit = host.limits().duration(Limit.MESSAGE_TIMEOUT);
        this.decoder = decoder;
        messages = new MessageTimer(channel, limit, decoder::isInsideMessage, this::end);
    }

    /// Ends the session, for the first reason that is given; what is at work is waited for, what is
    /// held or still comes is dropped.
    void end(String reason) {
        if (!ending && !ended) {
            ending = true;
            endReason = reason;
            var _ = channel.close();
        }
    }

    String endReason() {
        return endReason;
    }

    /// Whether the connection is gone.
    boolean isEnded() {
        return ended;
    }

    /// Whether a command is still at work, after the end too.
    boolean isBusy() {
        return busy;
    }

    /// How many commands wait for the one at work.
    int held() {
        return queue.size();
    }

    /// Holds up all commands until `work` has ended, as a command would.
    void interpose(CompletionStage<?> work) {
        await(work, 0, 0, true, _ -> {}, () -> {});
    }

    @Nullable Attachment attachment() {
        return attachment;
    }

    // Frames

    @Override
    public void frame(ByteBuf frame, FdBundle descriptors) {
        if (ending || ended) {
            descriptors.close();
            return;
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} {}", this, dialect.trace(frame));
        }
        tap.received(frame, descriptors);
        inTurn = true;
        if (MessageHeader.type(frame, frame.readerIndex()) == WireFormat.TYPE_REPLY) {
            takeReply(frame, descriptors);
        } else if (runsAtOnce()) {
            run(frame, descriptors, false);
        } else {
            hold(frame, descriptors);
        }
    }

    private boolean runsAtOnce() {
        return queue.isEmpty() && runsCommands();
    }

    /// Whether nothing is in the way of the next command.
    private boolean runsCommands() {
        return !busy
                && !frozen
                && !lending
                && !ending
                && !ended
                && channel.isWritable()
                && !budget.isSpent();
    }

    @Override
    public Optional<ByteBuf> place(ByteBuf beginning, int size) {
        Attachment current = attachment;
        int start = beginning.readerIndex();
        if (current == null
                || MessageHeader.type(beginning, start) == WireFormat.TYPE_REPLY
                || MessageHeader.commandId(beginning, start) != regionWrite
                || isWatched()
                || !runsAtOnce()) {
            return Optional.empty();
        }
        return current.accesses().place(beginning, size);
    }

    @Override
    public boolean placed(ByteBuf head) {
        if (ending || ended) {
            return true;
        }
        if (isWatched() || !runsAtOnce()) {
            return false;
        }
        inTurn = true;
        run(head, FdBundle.empty(), true);
        return true;
    }

    /// Whether somebody wants to see whole messages.
    boolean isWatched() {
        return tap.isOn() || LOG.isDebugEnabled();
    }

    /// What is being received to the device's memory is taken out of there and becomes a message
    /// like others, because somebody else is about to change that memory.
    void gather() {
        FrameDecoder current = decoder;
        if (current != null) {
            current.gather(channel.alloc());
        }
    }

    /// Sends the data of a reply from the device's memory, behind all replies so far. Later
    /// commands wait until it has left.
    ///
    /// @param data becomes ours
    void lend(ByteBuf data) {
        lending = true;
        if (replies.lend(data, this::returned)) {
            lending = false;
        }
    }

    private void returned() {
        lending = false;
        if (!ended) {
            runHeld();
            flushUnlessInTurn();
        }
    }

    @Override
    public void framesDone() {
        inTurn = false;
        if (queue.isEmpty()) {
            budget.renew();
        }
        replies.flush();
        if (messages != null) {
            messages.read();
        }
    }

    @Override
    public void streamViolated(ProtocolViolationException cause) {
        host.clientLog().line(Level.WARN, "{} closing: {}", this, cause.getMessage());
        inTurn = false;
        replies.flush(); // of the commands before the one that cannot be followed
        end(String.valueOf(cause.getMessage()));
    }

    @Override
    public void streamEnded() {
        if (ended) {
            return;
        }
        ended = true;
        if (messages != null) {
            messages.stop();
        }
        try {
            queue.clear();
            replies.discard();
            if (twin != null) {
                twin.close();
            }
        } finally {
            if (!handedOver) {
                release();
            }
        }
    }

    private void release() {
        Attachment current = attachment;
        if (current != null) {
            current.peer().close();
        }
        host.sessionEnded(this);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            runHeld();
            flushUnlessInTurn();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("{} connection: {}", this, cause.toString());
        end("connection: " + cause.getMessage());
    }

    // Requests to the client

    @Override
    public ByteBuf buffer(int size) {
        return channel.alloc().directBuffer(size);
    }

    @Override
    public void send(ByteBuf message) {
        if (ended) {
            message.release();
            return;
        }
        if (RequestSink.isOverfull(channel, maxUnreadBytes)) {
            message.release();
            end(
                    "the client does not read its socket (expected: at most maxUnreadBytes, "
                            + maxUnreadBytes
                            + ")");
            return;
        }
        replies.message(message);
        flushUnlessInTurn();
    }

    // Running

    private void takeReply(ByteBuf frame, FdBundle descriptors) {
        descriptors.close();
        Attachment current = attachment;
        if (current == null) {
            end("a reply before VERSION");
            return;
        }
        current.peer().reply(frame);
    }

    private void hold(ByteBuf frame, FdBundle descriptors) {
        queue.add(frame, descriptors);
        if (queue.isFull() || budget.isSpent()) {
            channel.config().setAutoRead(false);
        }
        if (waitsForItsTurn()) {
            askForNextTurn();
        }
    }

    /// Whether only the others on the loop are what is waited for.
    private boolean waitsForItsTurn() {
        return budget.isSpent()
                && !busy
                && !frozen
                && !lending
                && !ending
                && !ended
                && !queue.isEmpty()
                && channel.isWritable();
    }

    /// A timer that is due at once, so that the loop looks at its sockets in between.
    private void askForNextTurn() {
        if (!nextTurnAsked) {
            nextTurnAsked = true;
            var _ = host.loop().schedule(this::takeTurn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void takeTurn() {
        nextTurnAsked = false;
        budget.renew();
        runHeld();
        flushUnlessInTurn();
    }

    /// Runs what was held, until a command stays at work. A command that ends at once comes back
    /// here from within: the loop that is running already goes on with the next one.
    private void runHeld() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            runHeldInOrder();
        } finally {
            draining = false;
        }
        if (waitsForItsTurn()) {
            askForNextTurn();
        } else if (!ended && !suspended && queue.hasRoomAgain() && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
    }

    private void runHeldInOrder() {
        while (runsCommands()) {
            HeldCommand next = queue.poll();
            if (next == null) {
                break;
            }
            try {
                run(next.frame(), next.descriptors(), false);
            } finally {
                next.frame().release();
            }
        }
    }

    /// @param placed whether the data of the message has gone to its place, and `frame` is the rest
    private void run(ByteBuf frame, FdBundle descriptors, boolean placed) {
        int start = frame.readerIndex();
        int messageId = MessageHeader.messageId(frame, start);
        int command = MessageHeader.commandId(frame, start);
        boolean noReply = MessageHeader.noReply(frame, start);
        Attachment current = attachment;
        boolean isLong = placed || isLong(frame, command);
        budget.charge(isLong);
        timer.begin(command, isLong);
        errorPadding = padsErrors ? dialect.errorPadding(frame, maxTransferSize) : 0;
        Watched before = watch.enter(host);
        try {
            if (current == null) {
                negotiate(frame, descriptors, messageId, command);
                return;
            }
            if (placed) {
                current.accesses().placed(frame, messageId, noReply);
            } else if (command == regionRead) {
                current.accesses().read(frame, messageId, noReply);
            } else if (command == regionWrite) {
                current.accesses().write(frame, messageId, noReply);
            } else if (command == migrationRead) {
                current.savedState().read(frame, messageId, noReply);
            } else {
                dispatch(current, frame, descriptors, messageId, noReply);
            }
        } catch (Throwable thrown) {
            refuse(messageId, command, noReply, thrown);
        } finally {
            watch.leave(before);
            descriptors.close();
            if (!busy) {
                timer.end();
            }
        }
    }

    /// Whether a command may take longer than an access to a register.
    private boolean isLong(ByteBuf frame, int command) {
        int size = frame.readableBytes();
        return size > LONG_ACCESS
                || (command != regionWrite
                        && (command != regionRead
                                || size < RegionAccess.MINIMUM_MESSAGE_SIZE
                                || RegionAccess.count(frame, frame.readerIndex()) > LONG_ACCESS));
    }

    private void negotiate(ByteBuf frame, FdBundle descriptors, int messageId, int command) {
        try {
            if (command != Command.VERSION.id()) {
                throw new RequestRejectedException(
                        Errno.EINVAL,
                        "command: " + command + " (expected: VERSION as the first message)");
            }
            if (!descriptors.isEmpty()) {
                throw new RequestRejectedException(
                        Errno.EINVAL,
                        "descriptors: " + descriptors.count() + " (expected: none with VERSION)");
            }
            Version request = dialect.version(frame, host.json());
            Version.Reply reply = dialect.answer(request, host.limits(), host.migrates());
            FdBundle clientEnd = FdBundle.empty();
            if (dialect.grantsTwinSocket(request)) {
                clientEnd = openTwinSocket();
            }
            attachment = attach(request, clientEnd);
            client = request;
            endNegotiation();
            reply(messageId, command, reply, clientEnd);
        } catch (Throwable thrown) {
            refuse(messageId, command, false, thrown);
            replies.flush();
            end("negotiation: " + thrown.getMessage());
        }
    }

    private FdBundle openTwinSocket() {
        FileDescriptor[] ends = UnixSockets.pair();
        var ours = twinSocket(ends[0]);
        twin = ours;
        ours.start();
        return FdBundle.of(ends[1]);
    }

    private TwinSocket twinSocket(FileDescriptor ourEnd) {
        return new TwinSocket(
                ourEnd,
                host.loop(),
                host.frameLimits(),
                maxUnreadBytes,
                tap.twin(),
                this::twinReply,
                this::end);
    }

    private Attachment attach(Version client, FdBundle clientEnd) {
        try {
            return host.attach(this, client, twin == null ? this : twin);
        } catch (Throwable thrown) {
            clientEnd.close();
            throw thrown;
        }
    }

    private void twinReply(ByteBuf frame) {
        Attachment current = attachment;
        if (current != null) {
            current.peer().reply(frame);
        }
    }

    private void dispatch(
            Attachment current,
            ByteBuf frame,
            FdBundle descriptors,
            int messageId,
            boolean noReply) {
        int command = MessageHeader.commandId(frame, frame.readerIndex());
        switch (current.commands().run(frame, descriptors)) {
            case Answer.Now(ServerReply reply, FdBundle attached) -> {
                if (noReply) {
                    ReferenceCountUtil.release(reply);
                    attached.close();
                } else {
                    reply(messageId, command, reply, attached);
                }
            }
            case Answer.Later(CompletionStage<? extends ServerReply> stage) ->
                    await(
                            stage,
                            messageId,
                            command,
                            noReply,
                            reply -> {
                                if (noReply) {
                                    ReferenceCountUtil.release(reply);
                                } else {
                                    reply(messageId, command, reply, FdBundle.empty());
                                }
                            },
                            () -> {});
        }
    }

    /// Lets a command finish later: holds the ones behind it, then answers, then goes on.
    ///
    /// @param answer sends the reply; not called if the client has gone
    /// @param release frees what the command holds; always called
    <T extends @Nullable Object> void await(
            CompletionStage<T> stage,
            int messageId,
            int command,
            boolean noReply,
            Consumer<T> answer,
            Runnable release) {
        busy = true;
        long number = ++works;
        workMessageId = messageId;
        workCommand = command;
        workWantsReply = !noReply;
        stage.whenComplete((result, error) ->
                host.onLoop(() -> {
                    if (number != works) { // abandoned
                        ReferenceCountUtil.release(result);
                        release.run();
                        return;
                    }
                    busy = false;
                    if (ended) {
                        ReferenceCountUtil.release(result);
                    } else {
                        finish(messageId, command, noReply, () -> answer.accept(result), error);
                    }
                    timer.end();
                    release.run();
                    goOn();
                }));
    }

    /// Answers the command at work, as its device will not, and goes on with the next; what the
    /// command holds stays held for as long as the device may use it.
    void abandonCommand(String reason) {
        if (!busy) {
            return;
        }
        works++;
        busy = false;
        if (workWantsReply) {
            refuse(workMessageId, workCommand, false, new DeviceException(Errno.EIO, reason));
        }
        timer.end();
        goOn();
    }

    private void goOn() {
        tellIdle();
        if (ended) {
            host.lastCommandFinished();
        } else {
            runHeld();
            flushUnlessInTurn();
        }
    }

    private void finish(
            int messageId,
            int command,
            boolean noReply,
            Runnable answer,
            @Nullable Throwable error) {
        if (error != null) {
            refuse(messageId, command, noReply, error);
            return;
        }
        try {
            answer.run();
        } catch (RuntimeException e) {
            refuse(messageId, command, noReply, e);
        }
    }

    private void reply(int messageId, int command, ServerReply reply, FdBundle attached) {
        if (attached.isEmpty()) {
            encode(replies.room(WireFormat.HEADER_SIZE), messageId, command, reply);
            return;
        }
        ByteBuf message = buffer(WireFormat.HEADER_SIZE);
        try {
            encode(message, messageId, command, reply);
        } catch (Throwable thrown) {
            message.release();
            attached.close();
            throw thrown;
        }
        replies.message(message, attached);
    }

    /// Appends a whole reply, or nothing if that fails.
    private void encode(ByteBuf out, int messageId, int command, ServerReply reply) {
        int start = out.writerIndex();
        try {
            dialect.encode(out, messageId, command, reply);
        } catch (Throwable thrown) {
            out.writerIndex(start);
            throw thrown;
        } finally {
            ReferenceCountUtil.release(reply);
        }
    }

    /// Answers with what `thrown` means, if the client wants an answer.
    void refuse(int messageId, int command, boolean noReply, Throwable thrown) {
        Fault fault = ErrorMapper.map(thrown);
        Errno errno;
        switch (fault) {
            case Fault.Reject reject -> {
                errno = reject.errno();
                host.refused(this, messageId, command, errno, reject.message());
            }
            case Fault.Internal internal -> {
                errno = Errno.EIO;
                host.deviceFailed(dialect.commandName(command), internal.cause());
                host.refused(this, messageId, command, errno, internal.message());
            }
            case Fault.CloseSession closes -> {
                end(closes.message());
                return;
            }
        }
        if (!noReply && !ended) {
            replies.error(messageId, command, errno, errorPadding);
        }
    }

    // Going on in another process

    /// Holds commands from now on, while answers of the client still come through.
    ///
    /// @param then called once no command is at work
    void freeze(Runnable then) {
        gather();
        frozen = true;
        whenIdle = then;
        if (!busy) {
            tellIdle();
        }
    }

    private void tellIdle() {
        Runnable then = whenIdle;
        whenIdle = null;
        if (then != null) {
            then.run();
        }
    }

    /// Leaves the client's sockets alone, until [#thaw] or [#letGo].
    void suspend() {
        suspended = true;
        endNegotiation();
        replies.flush();
        channel.flush();
        channel.config().setAutoRead(false);
        channel.suspend();
        if (twin != null) {
            twin.suspend();
        }
    }

    /// Goes on after [#freeze].
    void thaw() {
        frozen = false;
        whenIdle = null;
        if (ended) {
            return;
        }
        if (suspended) {
            suspended = false;
            channel.resume();
            if (twin != null) {
                twin.resume();
            }
            if (attachment == null) {
                limitNegotiation();
            }
        }
        runHeld();
        flushUnlessInTurn();
    }

    /// Writes itself while it is suspended.
    void save(ImageWriter out) {
        out.number(number).descriptor(channel.fd());
        queue.held().forEach(held -> StreamImage.savePart(out, held.frame(), held.descriptors()));
        StreamImage.saveRest(out, Objects.requireNonNull(decoder), channel);
        Version negotiated = client;
        Attachment current = attachment;
        out.flag(negotiated != null);
        if (negotiated == null || current == null) {
            return;
        }
        ByteBuf version = Unpooled.buffer();
        MessageEncoder.encode(version, 0, negotiated, false);
        out.bytes(version).flag(twin != null);
        if (twin != null) {
            twin.save(out);
        }
        current.peer().save(out);
    }

    /// Becomes what [#save] wrote in another process, behind number and socket: frozen, with a
    /// socket that nobody reads yet.
    void restore(ImageReader in) {
        frozen = true;
        stream = StreamImage.read(in);
        if (!in.flag()) {
            return;
        }
        Version negotiated = dialect.version(Unpooled.wrappedBuffer(in.bytes()), host.json());
        if (in.flag()) {
            twin = twinSocket(in.descriptor());
            twinStream = StreamImage.read(in);
        }
        client = negotiated;
        Attachment current = attach(negotiated, FdBundle.empty());
        attachment = current;
        current.peer().restore(in);
    }

    /// Opens the socket after [#restore]: messages can be sent.
    ///
    /// @param opened called when that is so
    void open(Runnable opened) {
        channel.config().setAutoRead(false);
        host.loop()
                .register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        end("connection: " + registered.cause());
                    } else if (stream != null) {
                        stream.send(channel);
                    }
                    StreamImage ofTwin = twinStream;
                    if (twin != null && ofTwin != null) {
                        twin.startWith(ofTwin);
                    }
                    twinStream = null;
                    opened.run();
                });
    }

    /// Runs what has come, after [#open].
    void begin() {
        frozen = false;
        if (attachment == null) {
            limitNegotiation();
        }
        StreamImage come = stream;
        stream = null;
        if (come != null) {
            come.deliver(channel);
        }
        if (!ended && !queue.isFull()) {
            channel.config().setAutoRead(true);
        }
    }

    /// Closes our descriptors of the client's sockets; the client hears nothing, as another process
    /// has them too.
    void letGo() {
        handedOver = true;
        endNegotiation();
        for (@Nullable StreamImage image : new @Nullable StreamImage[] {stream, twinStream}) {
            if (image != null) {
                image.close();
            }
        }
        if (channel.isRegistered()) {
            end("another process has taken over");
            return;
        }
        channel.unsafe().closeForcibly();
        if (twin != null) {
            twin.close();
        }
    }

    Replies replies() {
        return replies;
    }

    private void flushUnlessInTurn() {
        if (!inTurn) {
            replies.flush();
        }
    }

    @Override
    public String toString() {
        return "[" + host.name() + " #" + number + "]";
    }
}
