package io.vfiouser.nbd;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.concurrent.Future;
import io.vfiouser.devices.block.BlockStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to the server, made anew whenever it is lost. On the loop.
final class NbdLink {
    private static final Logger LOG = LoggerFactory.getLogger(NbdLink.class);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    private final NbdMultiplexer owner;
    private final EventLoop loop;
    private final NbdUri uri;
    private final Optional<NbdTls> tls;
    private final Duration timeout;
    private final ChannelFactory<Channel> channels;
    private final LongObjectHashMap<NbdCommand> inFlight = new LongObjectHashMap<>();
    private long nextCookie = 1;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private boolean ready;
    private boolean closed;
    private @Nullable Channel channel;
    private @Nullable Future<?> timer;

    NbdLink(
            NbdMultiplexer owner,
            EventLoop loop,
            NbdUri uri,
            Optional<NbdTls> tls,
            Duration timeout) {
        this(
                owner,
                loop,
                uri,
                tls,
                timeout,
                uri.socket().isPresent() ? EpollDomainSocketChannel::new : EpollSocketChannel::new);
    }

    /// @param channels makes channels that are not connected; throws if it cannot
    NbdLink(
            NbdMultiplexer owner,
            EventLoop loop,
            NbdUri uri,
            Optional<NbdTls> tls,
            Duration timeout,
            ChannelFactory<Channel> channels) {
        this.owner = owner;
        this.loop = loop;
        this.uri = uri;
        this.tls = tls;
        this.timeout = timeout;
        this.channels = channels;
    }

    /// Starts to connect.
    void connect() {
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channelFactory(channels)
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                (int) Math.min(timeout.toMillis() + 1, Integer.MAX_VALUE))
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel made) {
                                        made.pipeline()
                                                .addLast(new NbdNegotiator(NbdLink.this, uri, tls));
                                    }
                                });
        if (uri.socket().isEmpty()) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        ChannelFuture connecting = bootstrap.connect(uri.address());
        Channel made = connecting.channel();
        channel = made;
        timer =
                loop.schedule(
                        () -> lost("server: no answer within " + timeout),
                        timeout.toNanos(),
                        TimeUnit.NANOSECONDS);
        if (made.isRegistered()) {
            connecting.addListener(done -> {
                if (!done.isSuccess()) {
                    lost(made, NbdFaultException.reason(done.cause()));
                }
            });
        } else { // there are no descriptors left, say; a listener would be called by another thread
            lost(made, NbdFaultException.reason(Objects.requireNonNull(connecting.cause())));
        }
    }

    /// Whether a command can be sent now.
    boolean canSend() {
        return ready && channel != null && channel.isWritable();
    }

    boolean isReady() {
        return ready;
    }

    int inFlight() {
        return inFlight.size();
    }

    /// Sends a command; [#flush()] must follow.
    void send(NbdCommand command) {
        Channel open = channel;
        if (open == null) {
            throw new IllegalStateException("link: no channel (expected: ready)");
        }
        long cookie = nextCookie++;
        ByteBuf out;
        try {
            out = open.alloc().directBuffer(command.encodedSize());
        } catch (OutOfMemoryError e) { // of direct memory: the next one may find some
            owner.ended(command, BlockStatus.IO_ERROR);
            return;
        }
        if (!command.encode(out, cookie, System.nanoTime())) {
            out.release();
            owner.ended(command, BlockStatus.MEMORY_FAULT);
            return;
        }
        inFlight.put(cookie, command);
        var _ = open.write(out, open.voidPromise());
    }

    void flush() {
        if (channel != null) {
            channel.flush();
        }
    }

    /// The command that a reply is for.
    ///
    /// @throws NbdFaultException if there is none
    NbdCommand command(long cookie) {
        NbdCommand command = inFlight.get(cookie);
        if (command == null) {
            throw new NbdFaultException(
                    "reply cookie: 0x%x (expected: one of a command)".formatted(cookie));
        }
        return command;
    }

    /// Whether what comes from a channel still counts.
    boolean isCurrent(Channel from) {
        return from.equals(channel);
    }

    /// Takes a command whose reply is complete.
    void ended(NbdCommand command) {
        inFlight.remove(command.cookie());
        pauseMillis = FIRST_PAUSE_MILLIS; // not before: a server may greet, and hang up each time
        owner.ended(command, command.status());
    }

    /// Says that there may be room for more commands.
    void repliesRead() {
        owner.pump();
    }

    /// Says that the negotiation is over.
    void ready(NbdExport export) {
        stopTimer();
        if (owner.accepts(export)) {
            ready = true;
            owner.linkReady(this, export);
        } else {
            lost("export: %s (expected: like the one before)".formatted(export));
        }
    }

    /// Gives the connection up, and starts to make a new one.
    void lost(String reason) {
        Channel old = channel;
        if (old != null) {
            lost(old, reason);
        }
    }

    /// As [#lost(String)], said of a channel that may have been given up before.
    void lost(Channel old, String reason) {
        if (!old.equals(channel) || closed) {
            return;
        }
        channel = null;
        ready = false;
        stopTimer();
        if (old.isRegistered()) {
            var _ = old.close();
        }
        LOG.info("{}: {}", uri.text(), reason);
        owner.linkLost(this, takeInFlight(), reason);
        if (!closed) {
            timer = loop.schedule(this::connect, pauseMillis, TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    /// When the command that waits longest was sent; now if none is waiting.
    long oldestSentNanos(long now) {
        long oldest = now;
        for (NbdCommand command : inFlight.values()) {
            if (command.sentNanos() - oldest < 0) {
                oldest = command.sentNanos();
            }
        }
        return oldest;
    }

    /// Ends the connection for good.
    ///
    /// @return the commands that were on it
    List<NbdCommand> close() {
        closed = true;
        stopTimer();
        Channel old = channel;
        channel = null;
        if (old != null) {
            if (ready) {
                ByteBuf out = old.alloc().buffer(NbdWire.REQUEST_SIZE);
                out.writeInt(NbdWire.REQUEST_MAGIC).writeShort(0).writeShort(NbdWire.CMD_DISC);
                out.writeLong(0).writeLong(0).writeInt(0);
                var _ = old.writeAndFlush(out, old.voidPromise());
            }
            var _ = old.close();
        }
        ready = false;
        return takeInFlight();
    }

    private List<NbdCommand> takeInFlight() {
        List<NbdCommand> commands = new ArrayList<>(inFlight.values());
        inFlight.clear();
        return commands;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
