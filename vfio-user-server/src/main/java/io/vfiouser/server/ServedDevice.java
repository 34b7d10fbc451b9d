package io.vfiouser.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.device.Device;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.transport.SocketPath;
import io.vfiouser.transport.VfioUserServerChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A device in service: its socket, its loop, and the client that is there.
///
/// One client at a time: the next one's connection waits until the last one is gone and everything
/// of it is released. All methods may be called from any thread.
public final class ServedDevice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedDevice.class);

    private final Path socket;
    private final EventLoop loop;
    private final DeviceHost host;
    private final VfioUserServerChannel listener;
    private final Consumer<ServedDevice> onClosed;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private boolean closing;

    ServedDevice(
            String name,
            Device device,
            Path socket,
            EventLoop loop,
            ServerOptions options,
            CapabilitiesJson json,
            Consumer<ServedDevice> onClosed) {
        this.socket = socket;
        this.loop = loop;
        this.onClosed = onClosed;
        this.host =
                new DeviceHost(
                        name,
                        device,
                        loop,
                        options.service().limits(),
                        json,
                        options.listener(),
                        this::acceptNext);
        // Last, as nobody would close it if the device's layout were refused.
        this.listener = new VfioUserServerChannel();
    }

    /// Under what name it is served.
    public String name() {
        return host.name();
    }

    /// Where clients connect.
    public Path socket() {
        return socket;
    }

    /// Whether a client has negotiated and is not gone yet.
    public boolean clientAttached() {
        return host.clientAttached();
    }

    /// Completes when the client that is there, or the next one to come, is gone and everything of
    /// it is released.
    public CompletionStage<@Nullable Void> clientGone() {
        return host.clientGone().minimalCompletionStage();
    }

    /// Closes the client's connection, removes the socket, closes the device; waits for all of it.
    @Override
    public void close() {
        if (loop.inEventLoop()) {
            throw new IllegalStateException(
                    "close() on the device's event loop (expected: another thread, or"
                            + " closeAsync())");
        }
        closeAsync().join();
    }

    /// As [#close()], without waiting.
    public CompletableFuture<@Nullable Void> closeAsync() {
        loop.execute(this::startClosing);
        return closed;
    }

    /// Binds the socket; on failure everything is closed.
    CompletableFuture<@Nullable Void> listen() {
        var listening = new CompletableFuture<@Nullable Void>();
        listener.config().setAutoRead(false);
        listener.pipeline().addLast(new Acceptor());
        loop.register(listener)
                .addListener(registered -> {
                    if (registered.isSuccess()) {
                        bind(listening);
                    } else {
                        giveUp(listening, registered.cause());
                    }
                });
        return listening;
    }

    private void bind(CompletableFuture<@Nullable Void> listening) {
        try {
            SocketPath.prepare(socket);
        } catch (IOException | RuntimeException e) {
            giveUp(listening, e);
            return;
        }
        listener.bind(new DomainSocketAddress(socket.toFile()))
                .addListener(bound -> {
                    if (bound.isSuccess()) {
                        LOG.info("[{}] listening on {}", name(), socket);
                        listener.read();
                        listening.complete(null);
                    } else {
                        giveUp(listening, bound.cause());
                    }
                });
    }

    private void giveUp(CompletableFuture<@Nullable Void> listening, Throwable cause) {
        var _ = listener.close();
        host.closeDevice();
        closed.complete(null);
        listening.completeExceptionally(cause);
    }

    private void acceptNext() {
        if (!closing) {
            listener.read();
        }
    }

    private void startClosing() {
        if (closing || closed.isDone()) {
            return;
        }
        closing = true;
        var _ = listener.close();
        removeSocket();
        CompletableFuture<@Nullable Void> gone = host.clientGone();
        if (host.endSession("the server is closing")) {
            var _ = gone.whenComplete((_, _) -> finishClosing());
        } else {
            finishClosing();
        }
    }

    private void removeSocket() {
        try {
            SocketPath.remove(socket);
        } catch (IOException e) {
            LOG.warn("[{}] cannot remove {}: {}", name(), socket, e.toString());
        }
    }

    private void finishClosing() {
        host.closeDevice();
        onClosed.accept(this);
        LOG.info("[{}] closed", name());
        closed.complete(null);
    }

    /// Takes connections one at a time: the listener is read only when no client is there.
    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var channel = (Channel) message;
            if (closing) {
                channel.unsafe().closeForcibly();
            } else {
                host.accept(channel);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("[{}] accepting on {}: {}", name(), socket, cause.toString());
        }
    }

    @Override
    public String toString() {
        return name() + " on " + socket;
    }
}
