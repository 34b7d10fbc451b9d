package io.vfiouser.server.succession;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.transport.SocketPath;
import io.vfiouser.transport.SocketPermissions;
import io.vfiouser.transport.VfioUserChannel;
import io.vfiouser.transport.VfioUserServerChannel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket where another process asks to take over: one at a time, of the same user only.
public final class Offering implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Offering.class);
    private static final int OWNER_ONLY = 0600;

    private final HandoverOptions options;
    private final EventLoop loop;
    private final Supplier<List<? extends Leaving>> devices;
    private final Runnable whenGone;
    private final VfioUserServerChannel listener;
    private @Nullable Thread worker;
    private boolean gone;
    private boolean closed;

    private Offering(
            HandoverOptions options,
            EventLoop loop,
            Supplier<List<? extends Leaving>> devices,
            Runnable whenGone,
            VfioUserServerChannel listener) {
        this.options = options;
        this.loop = loop;
        this.devices = devices;
        this.whenGone = whenGone;
        this.listener = listener;
        listener.config().setAutoRead(false);
        listener.pipeline().addLast(new Acceptor());
    }

    /// Listens. Blocks until that is so.
    ///
    /// @param devices all that are served now
    /// @param whenGone called when another process has taken over, on a thread of its own
    /// @param listening a socket that listens there already; none to make one
    /// @throws IOException if that cannot be
    public static Offering open(
            HandoverOptions options,
            EventLoop loop,
            Supplier<List<? extends Leaving>> devices,
            Runnable whenGone,
            Optional<FileDescriptor> listening)
            throws IOException {
        var listener =
                listening.map(VfioUserServerChannel::new).orElseGet(VfioUserServerChannel::new);
        var offering = new Offering(options, loop, devices, whenGone, listener);
        offering.listen(listening.isEmpty());
        return offering;
    }

    private void listen(boolean bind) throws IOException {
        if (bind) {
            SocketPath.prepare(options.socket());
            listener.config().setPermissions(SocketPermissions.DEFAULT.withMode(OWNER_ONLY));
        }
        var registered = loop.register(listener).awaitUninterruptibly();
        if (registered.isSuccess() && bind) {
            registered =
                    listener.bind(new DomainSocketAddress(options.socket().toFile()))
                            .awaitUninterruptibly();
        }
        if (!registered.isSuccess()) {
            var _ = listener.close();
            throw new IOException(String.valueOf(registered.cause().getMessage()));
        }
        listener.read();
        LOG.info("handover: offered at {}", options.socket());
    }

    /// Where.
    public HandoverOptions options() {
        return options;
    }

    /// Ends a takeover that is under way, in which case the devices go on here, and closes the
    /// socket.
    @Override
    public void close() {
        Thread busy;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            busy = worker;
        }
        if (busy != null && busy != Thread.currentThread()) {
            busy.interrupt();
            join(busy);
        }
        var _ = listener.close();
        if (!gone) {
            try {
                SocketPath.remove(options.socket());
            } catch (IOException e) {
                LOG.warn("handover: cannot remove {}: {}", options.socket(), e.toString());
            }
        }
    }

    private static void join(Thread busy) {
        try {
            busy.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(VfioUserChannel channel, PeerCredentials peer) {
        LOG.info("handover: process {} asks to take over", peer.pid());
        boolean success = false;
        try (Link link = Link.open(channel, loop)) {
            success = new Departure(link, options, devices.get(), listener).run(peer.pid());
        } finally {
            synchronized (this) {
                gone = success;
                worker = null;
                if (!success && !closed) {
                    listener.read();
                }
            }
        }
        if (success) {
            whenGone.run();
        }
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var channel = (VfioUserChannel) message;
            PeerCredentials peer;
            try {
                peer = SameUser.check(channel.peerCredentials());
            } catch (RuntimeException e) {
                LOG.warn("handover: connection refused: {}", e.getMessage());
                channel.unsafe().closeForcibly();
                listener.read();
                return;
            }
            synchronized (Offering.this) {
                if (closed) {
                    channel.unsafe().closeForcibly();
                    return;
                }
                Thread thread =
                        Thread.ofPlatform()
                                .daemon()
                                .name("vfio-user-handover")
                                .unstarted(() -> serve(channel, peer));
                worker = thread;
                thread.start();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("handover: {}", cause.toString());
        }
    }
}
