package io.vfiouser.trace.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.SocketRole;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.trace.wire.WireEnd;
import io.vfiouser.trace.wire.WireEnd.Hold;
import io.vfiouser.transport.VfioUserChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client of a proxy and its connection to the server. Belongs to one loop.
final class ProxySession {
    private static final Logger LOG = LoggerFactory.getLogger(ProxySession.class);

    private final long number;
    private final ProxyOptions options;
    private final Consumer<ProxySession> onEnd;
    private final List<WireEnd> ends = new ArrayList<>();
    private final ChannelGroup channels;
    private @Nullable WireEnd client;
    private @Nullable WireEnd server;
    private @Nullable RegionFilters filters;
    private @Nullable ProxiedInterrupts interrupts;
    private boolean negotiated;
    private boolean ended;

    /// @param channels is told of the second sockets
    ProxySession(
            long number,
            ProxyOptions options,
            ChannelGroup channels,
            Consumer<ProxySession> onEnd) {
        this.number = number;
        this.options = options;
        this.channels = channels;
        this.onEnd = onEnd;
    }

    /// The client has connected; nothing is read from it yet.
    void client(VfioUserChannel channel) {
        WireEnd end =
                new WireEnd(
                        channel,
                        new Side(Direction.CLIENT_TO_SERVER) {
                            @Override
                            public void message(ByteBuf bytes, FdBundle descriptors) {
                                fromClient(bytes, descriptors);
                            }

                            @Override
                            @Nullable WireEnd other() {
                                return server;
                            }

                            @Override
                            @Nullable WireEnd own() {
                                return client;
                            }
                        });
        end.hold(Hold.ALONE, true);
        client = end;
        ends.add(end);
    }

    /// The server is about to be connected to.
    void server(VfioUserChannel channel) {
        WireEnd end =
                new WireEnd(
                        channel,
                        new Side(Direction.SERVER_TO_CLIENT) {
                            @Override
                            public void message(ByteBuf bytes, FdBundle descriptors) {
                                fromServer(bytes, descriptors);
                            }

                            @Override
                            @Nullable WireEnd other() {
                                return client;
                            }

                            @Override
                            @Nullable WireEnd own() {
                                return server;
                            }
                        });
        server = end;
        ends.add(end);
    }

    /// Both are there.
    void start() {
        WireEnd to = server;
        WireEnd from = client;
        if (ended || to == null || from == null) {
            closeAll();
            return;
        }
        if (!options.filters().isEmpty() || options.tap().isPresent()) {
            interrupts = new ProxiedInterrupts(from.loop(), options.dialect(), this::interrupt);
        }
        if (!options.filters().isEmpty()) {
            filters =
                    new RegionFilters(
                            options,
                            from.loop(),
                            Objects.requireNonNull(interrupts),
                            to::send,
                            this::answer,
                            waiting -> from.hold(Hold.WAITING, waiting));
        }
        from.hold(Hold.ALONE, false);
    }

    void endFromOutside(String reason) {
        WireEnd any = client;
        if (any != null) {
            any.loop().execute(() -> end(reason));
        }
    }

    /// Disconnects both, once.
    void end(String reason) {
        if (ended) {
            return;
        }
        ended = true;
        LOG.info("[proxy #{}] ends: {}", number, reason);
        if (filters != null) {
            filters.close();
        }
        if (interrupts != null) {
            interrupts.close();
        }
        closeAll();
        options.tap().ifPresent(tap -> tap.sessionEnded(number, reason));
        onEnd.accept(this);
    }

    private void closeAll() {
        ends.forEach(WireEnd::close);
    }

    private void fromClient(ByteBuf bytes, FdBundle descriptors) {
        tap(Direction.CLIENT_TO_SERVER, false, bytes, descriptors);
        RegionFilters before = filters;
        WireEnd to = server;
        if (to == null) {
            descriptors.close();
            return;
        }
        FdBundle passed = throughInterrupts(bytes, withoutMemory(bytes, descriptors));
        if (before == null) {
            to.send(bytes.retainedSlice(), passed);
        } else {
            before.fromClient(bytes, passed);
        }
    }

    private FdBundle throughInterrupts(ByteBuf bytes, FdBundle descriptors) {
        return interrupts == null ? descriptors : interrupts.toServer(bytes, descriptors);
    }

    /// Keeps the files of client memory back, if the server shall do without.
    private FdBundle withoutMemory(ByteBuf bytes, FdBundle descriptors) {
        int start = bytes.readerIndex();
        if (!options.dmaByMessages()
                || descriptors.isEmpty()
                || MessageHeader.type(bytes, start) != WireFormat.TYPE_COMMAND
                || MessageHeader.commandId(bytes, start) != dmaMap()) {
            return descriptors;
        }
        descriptors.close();
        return FdBundle.empty();
    }

    private int dmaMap() {
        return options.dialect() == Dialect.CURRENT
                ? Command.DMA_MAP.id()
                : LegacyCommand.DMA_MAP.id();
    }

    /// The server has fired an interrupt.
    private void interrupt(IrqIndex index, int vector) {
        if (ended || interrupts == null) {
            return;
        }
        try {
            options.tap().ifPresent(tap -> tap.interrupt(number, index, vector));
        } catch (RuntimeException e) {
            LOG.warn("[proxy #{}] the tap threw", number, e);
        }
        if (filters == null) {
            interrupts.line(index, vector).trigger();
        } else {
            filters.interrupt(index, vector);
        }
    }

    private void fromServer(ByteBuf bytes, FdBundle descriptors) {
        RegionFilters before = filters;
        if (interrupts != null) {
            interrupts.fromServer(bytes);
        }
        WireEnd from = server;
        if (from != null && refusesDma(bytes, from)) {
            descriptors.close();
            return;
        }
        if (before != null && before.fromServer(bytes)) {
            descriptors.close();
            return;
        }
        boolean mayBringTwin = !negotiated && !descriptors.isEmpty();
        negotiated = true;
        toClient(
                bytes.retainedSlice(),
                mayBringTwin && isVersionReply(bytes) ? throughUs(descriptors) : descriptors);
        if (before != null) {
            before.passedOn();
        }
    }

    private void toClient(ByteBuf bytes, FdBundle descriptors) {
        WireEnd to = client;
        if (ended || to == null) {
            bytes.release();
            descriptors.close();
            return;
        }
        tap(Direction.SERVER_TO_CLIENT, false, bytes, descriptors);
        to.send(bytes, descriptors);
    }

    /// What the filters have for the client, which is not read from while it does not read.
    private void answer(ByteBuf bytes, FdBundle descriptors) {
        toClient(bytes, descriptors);
        WireEnd to = client;
        if (to != null) {
            holdUnread(to);
        }
    }

    /// Who asks without reading the answers could have them pile up here.
    private static void holdUnread(WireEnd asker) {
        if (!asker.hasRoom()) {
            asker.hold(Hold.ANSWERS_UNREAD, true);
        }
    }

    /// Answers a command of the server that a filter lets not pass.
    ///
    /// @param from where it came from
    private boolean refusesDma(ByteBuf bytes, WireEnd from) {
        RegionFilters before = filters;
        return before != null
                && ProxiedDma.of(bytes, options.dialect())
                        .flatMap(dma -> dma.refusal(before))
                        .map(reply -> {
                            if (MessageHeader.noReply(bytes, bytes.readerIndex())) {
                                reply.release();
                            } else {
                                from.send(reply, FdBundle.empty());
                                holdUnread(from);
                            }
                            return true;
                        })
                        .orElse(false);
    }

    private static boolean isVersionReply(ByteBuf bytes) {
        int start = bytes.readerIndex();
        return MessageHeader.type(bytes, start) == WireFormat.TYPE_REPLY
                && MessageHeader.commandId(bytes, start) == Command.VERSION.id();
    }

    /// Puts the proxy into the second socket, which the server sends to its client.
    private FdBundle throughUs(FdBundle descriptors) {
        var passed = new ArrayList<FileDescriptor>(descriptors.count());
        try (descriptors) {
            for (int i = 0; i < descriptors.count(); i++) {
                boolean socket =
                        FileStatus.of(descriptors.peek(i)).kind() == FileStatus.Kind.SOCKET;
                FileDescriptor fd = descriptors.take(i);
                passed.add(socket ? twin(fd) : fd);
            }
            return FdBundle.ofOwned(passed);
        } catch (NativeCallException | IllegalArgumentException e) {
            FdBundle.ofOwned(passed).close();
            end("server: second socket: " + e.getMessage());
            return FdBundle.empty();
        }
    }

    private FileDescriptor twin(FileDescriptor servers) {
        FileDescriptor[] pair;
        try {
            if (SocketRole.of(servers) != SocketRole.CONNECTED) {
                throw new IllegalArgumentException("one that listens (expected: connected)");
            }
            pair = UnixSockets.pair();
        } catch (NativeCallException | IllegalArgumentException e) {
            Descriptors.close(servers);
            throw e;
        }
        var toServer = new VfioUserChannel(servers);
        var toClient = new VfioUserChannel(pair[0]);
        var fromServer = new TwinSide(Direction.SERVER_TO_CLIENT);
        var fromClient = new TwinSide(Direction.CLIENT_TO_SERVER);
        fromServer.to = new WireEnd(toClient, fromClient);
        fromClient.to = new WireEnd(toServer, fromServer);
        fromServer.from = fromClient.to;
        ends.add(fromServer.to);
        ends.add(fromClient.to);
        EventLoop loop = loop();
        var _ = loop.register(toServer);
        var _ = loop.register(toClient);
        channels.add(toServer);
        channels.add(toClient);
        return pair[1];
    }

    private EventLoop loop() {
        WireEnd any = client;
        if (any == null) {
            throw new AssertionError("no client");
        }
        return any.loop();
    }

    private void tap(Direction direction, boolean twin, ByteBuf bytes, FdBundle descriptors) {
        if (options.tap().isPresent()) {
            MessageTap tap = options.tap().get();
            try {
                tap.message(
                        new TappedMessage(
                                Instant.now(),
                                number,
                                direction,
                                twin,
                                options.dialect(),
                                bytes,
                                descriptors));
            } catch (RuntimeException e) {
                LOG.warn("[proxy #{}] the tap threw", number, e);
            }
        }
    }

    /// What all four ends have in common.
    private abstract class Side implements WireEnd.Listener {
        private final Direction from;

        Side(Direction from) {
            this.from = from;
        }

        /// Where what comes goes.
        abstract @Nullable WireEnd other();

        /// Where it comes from.
        abstract @Nullable WireEnd own();

        @Override
        public void room(boolean hasRoom) {
            WireEnd source = other();
            if (source != null) {
                source.hold(Hold.OTHER_FULL, !hasRoom);
            }
            WireEnd own = own();
            if (own != null && hasRoom) {
                own.hold(Hold.ANSWERS_UNREAD, false);
            }
        }

        @Override
        public void ended(String reason) {
            end((from == Direction.CLIENT_TO_SERVER ? "client: " : "server: ") + reason);
        }
    }

    private final class TwinSide extends Side {
        private final Direction direction;
        private @Nullable WireEnd to;
        private @Nullable WireEnd from;

        TwinSide(Direction direction) {
            super(direction);
            this.direction = direction;
        }

        @Override
        public void message(ByteBuf bytes, FdBundle descriptors) {
            WireEnd back = from;
            if (direction == Direction.SERVER_TO_CLIENT
                    && back != null
                    && refusesDma(bytes, back)) {
                descriptors.close();
                return;
            }
            tap(direction, true, bytes, descriptors);
            WireEnd next = to;
            if (next == null) {
                descriptors.close();
            } else {
                next.send(bytes.retainedSlice(), descriptors);
            }
        }

        @Override
        @Nullable WireEnd other() {
            return to;
        }

        @Override
        @Nullable WireEnd own() {
            return from;
        }
    }
}
