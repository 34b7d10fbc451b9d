package io.vfiouser.trace.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.trace.wire.WireEnd;
import io.vfiouser.transport.VfioUserChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
                        });
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
        if (!options.filters().isEmpty()) {
            filters =
                    new RegionFilters(
                            options.filters(),
                            options.dialect(),
                            from.loop(),
                            to::send,
                            this::toClient,
                            from::setReading);
        }
        from.setReading(true);
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
        } else if (before == null) {
            to.send(bytes.retainedSlice(), descriptors);
        } else {
            before.fromClient(bytes, descriptors);
        }
    }

    private void fromServer(ByteBuf bytes, FdBundle descriptors) {
        RegionFilters before = filters;
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
                FileDescriptor fd = descriptors.take(i);
                boolean socket = FileStatus.of(fd).kind() == FileStatus.Kind.SOCKET;
                passed.add(socket ? twin(fd) : fd);
            }
        }
        return FdBundle.ofOwned(passed);
    }

    private FileDescriptor twin(FileDescriptor servers) {
        FileDescriptor[] pair = UnixSockets.pair();
        var toServer = new VfioUserChannel(servers);
        var toClient = new VfioUserChannel(pair[0]);
        var fromServer = new TwinSide(Direction.SERVER_TO_CLIENT);
        var fromClient = new TwinSide(Direction.CLIENT_TO_SERVER);
        fromServer.to = new WireEnd(toClient, fromClient);
        fromClient.to = new WireEnd(toServer, fromServer);
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

        abstract @Nullable WireEnd other();

        @Override
        public void room(boolean hasRoom) {
            WireEnd source = other();
            if (source != null) {
                source.setReading(hasRoom);
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

        TwinSide(Direction direction) {
            super(direction);
            this.direction = direction;
        }

        @Override
        public void message(ByteBuf bytes, FdBundle descriptors) {
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
    }
}
