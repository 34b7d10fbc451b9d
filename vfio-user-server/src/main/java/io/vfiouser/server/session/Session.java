package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.LoopMove;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

    // What commands wait for, see #raise

    /// A command is at work, after the end of the connection too.
    static final int BUSY = 1;

    /// The session goes on in another process.
    static final int FROZEN = 1 << 1;

    /// Data of the device's memory is on its way out.
    private static final int LENDING = 1 << 2;

    /// The connection is being closed.
    private static final int ENDING = 1 << 3;

    /// The connection is gone.
    private static final int ENDED = 1 << 4;

    /// The device is on its way to another loop.
    private static final int MOVING = 1 << 5;

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
    private LoopWatch watch;
    private final Answers answers;
    private final CommandAtWork work;
    private final Handshake handshake;
    private final SessionMove move;
    private @Nullable Attachment attachment;
    private final boolean padsErrors;
    private final int maxTransferSize;
    private final int maxUnreadBytes;
    private @Nullable MessageTimer messages;
    private @Nullable FrameDecoder decoder;
    private @Nullable RegionCommands accesses;
    private int obstacles;
    private boolean holding;
    private boolean timesMessages;
    private boolean inTurn;
    private boolean draining;
    private boolean nextTurnAsked;
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
        this.answers = new Answers(host, this, replies);
        this.work = new CommandAtWork(host, this, answers);
        this.handshake = new Handshake(host, this, answers, tap);
        this.move = new SessionMove(host, this, channel, handshake);
    }

    FileDescriptor socket() {
        return channel.fd();
    }

    long number() {
        return number;
    }

    /// Closes the connection unless VERSION has been taken in time.
    void limitHandshake() {
        handshake.limitTime();
        channel.closeFuture().addListener(_ -> handshake.stopTimer());
    }

    /// The client has negotiated.
    void attached(Attachment attachment) {
        this.attachment = attachment;
        this.accesses = attachment.accesses();
    }

    /// Goes off its loop, on which nothing of it runs any more once this is done.
    CompletableFuture<@Nullable Void> leaveLoop() {
        var left = new CompletableFuture<@Nullable Void>();
        raise(MOVING);
        LoopMove.leave(
                channel,
                () -> {
                    TwinSocket twin = handshake.twin();
                    if (twin == null) {
                        left.complete(null);
                    } else {
                        LoopMove.leave(twin.channel(), () -> left.complete(null));
                    }
                });
        return left;
    }

    /// Goes on where the device is now, after [#leaveLoop].
    void joinLoop() {
        watch = host.watch();
        clear(MOVING);
        if (isEnded()) {
            return;
        }
        LoopMove.join(host.loop(), channel);
        TwinSocket twin = handshake.twin();
        if (twin != null) {
            LoopMove.join(host.loop(), twin.channel());
        }
        runHeld();
    }

    /// How the session goes on in another process.
    SessionMove move() {
        return move;
    }

    /// Later commands wait until this is cleared again.
    ///
    /// @param obstacle [#BUSY] or [#FROZEN]
    void raise(int obstacle) {
        obstacles |= obstacle;
    }

    /// The opposite of [#raise]; what was held runs at [#runHeld()].
    void clear(int obstacle) {
        obstacles &= ~obstacle;
    }

    private boolean has(int obstacle) {
        return (obstacles & obstacle) != 0;
    }

    /// Closes the connection when a message stays incomplete for too long.
    ///
    /// @param decoder knows whether one is
    void limitMessages(FrameDecoder decoder) {
        var limit = host.limits().duration(Limit.MESSAGE_TIMEOUT);
        this.decoder = decoder;
        messages =
                new MessageTimer(host.loop(), channel, limit, decoder::isInsideMessage, this::end);
    }

    /// Ends the session, for the first reason that is given; what is at work is waited for, what is
    /// held or still comes is dropped.
    void end(String reason) {
        if (!has(ENDING | ENDED)) {
            raise(ENDING);
            endReason = reason;
            var _ = channel.close();
        }
    }

    String endReason() {
        return endReason;
    }

    /// Whether the connection is gone.
    boolean isEnded() {
        return has(ENDED);
    }

    /// Whether a command is still at work, after the end too.
    boolean isBusy() {
        return has(BUSY);
    }

    /// Lets a command finish later, as [CommandAtWork#await].
    <T extends @Nullable Object> void await(
            CompletionStage<T> stage,
            int messageId,
            int command,
            boolean noReply,
            Consumer<T> answer,
            Runnable release) {
        work.await(stage, messageId, command, noReply, answer, release);
    }

    /// Answers the command at work, if one is, as [CommandAtWork#abandon].
    void abandonCommand(String reason) {
        work.abandon(reason);
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
        if (has(ENDING | ENDED)) {
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
        return !holding && runsCommands();
    }

    /// Whether nothing is in the way of the next command.
    private boolean runsCommands() {
        return obstacles == 0 && channel.isWritable() && !budget.isSpent();
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
        if (has(ENDING | ENDED)) {
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
        raise(LENDING);
        if (replies.lend(data, this::returned)) {
            clear(LENDING);
        }
    }

    private void returned() {
        clear(LENDING);
        if (!isEnded()) {
            runHeld();
        }
    }

    @Override
    public boolean takesMore() {
        return !holding && budget.allowsMore();
    }

    @Override
    public void framesDone() {
        inTurn = false;
        if (!holding) {
            budget.renew();
        }
        replies.flush();
        if (messages != null && (timesMessages || isInsideMessage())) {
            timesMessages = messages.read();
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
        if (isEnded()) {
            return;
        }
        raise(ENDED);
        if (messages != null) {
            messages.stop();
        }
        try {
            queue.clear();
            holding = false;
            replies.discard();
            TwinSocket twin = handshake.twin();
            if (twin != null) {
                twin.close();
            }
        } finally {
            if (!move.isHandedOver()) {
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
        if (isEnded()) {
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
        holding = true;
        if (queue.isFull() || budget.isSpent()) {
            channel.config().setAutoRead(false);
        }
        if (waitsForItsTurn()) {
            askForNextTurn();
        }
    }

    /// Whether only the others on the loop are what is waited for.
    private boolean waitsForItsTurn() {
        return budget.isSpent() && obstacles == 0 && holding && channel.isWritable();
    }

    /// A timer that is due at once, so that the loop looks at its sockets in between.
    private void askForNextTurn() {
        if (!nextTurnAsked) {
            nextTurnAsked = true;
            host.loop().nextTurn(this::takeTurn);
        }
    }

    private void takeTurn() {
        nextTurnAsked = false;
        budget.renew();
        runHeld();
    }

    /// Runs what was held, until a command stays at work, and sends the replies. A command that
    /// ends at once comes back here from within: the loop that is running already goes on with the
    /// next one.
    void runHeld() {
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
        } else if (!isEnded()
                && !move.isSuspended()
                && queue.hasRoomAgain()
                && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
        flushUnlessInTurn();
    }

    /// Reads the client again, unless it has sent too much already.
    void readOn() {
        if (!isEnded() && !queue.isFull()) {
            channel.config().setAutoRead(true);
        }
    }

    /// Writes what has come and was not run, and what was not sent yet.
    void saveStream(ImageWriter out) {
        queue.held().forEach(held -> StreamImage.savePart(out, held.frame(), held.descriptors()));
        StreamImage.saveRest(out, Objects.requireNonNull(decoder), channel);
    }

    private void runHeldInOrder() {
        while (runsCommands()) {
            HeldCommand next = queue.poll();
            holding = !queue.isEmpty();
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
        RegionCommands current = accesses;
        boolean isLong = placed || isLong(frame, command);
        budget.charge(isLong);
        timer.begin(command, isLong);
        if (padsErrors) {
            answers.padErrors(dialect.errorPadding(frame, maxTransferSize));
        }
        Watched before = watch.enter(host);
        try {
            if (current == null) {
                handshake.take(frame, descriptors, messageId, command);
            } else if (placed) {
                current.placed(frame, messageId, noReply);
            } else if (command == regionRead) {
                current.read(frame, messageId, noReply);
            } else if (command == regionWrite) {
                current.write(frame, messageId, noReply);
            } else if (command == migrationRead) {
                attached().savedState().read(frame, messageId, noReply);
            } else {
                work.run(attached().commands(), frame, descriptors, messageId, command, noReply);
            }
        } catch (Throwable thrown) {
            answers.refuse(messageId, command, noReply, thrown);
        } finally {
            watch.leave(before);
            descriptors.close();
            if (!has(BUSY)) {
                timer.end();
            }
        }
    }

    private Attachment attached() {
        return Objects.requireNonNull(attachment, "attachment");
    }

    private boolean isInsideMessage() {
        FrameDecoder current = decoder;
        return current != null && current.isInsideMessage();
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

    /// The command at work is answered.
    void commandEnds() {
        timer.end();
    }

    /// Goes on with the next command after the one that was at work.
    void goOn() {
        move.tellIdle();
        if (isEnded()) {
            host.lastCommandFinished();
        } else {
            runHeld();
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
