package io.vfiouser.control;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The callers' connections: not more than allowed, each with one request at a time.
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<Channel> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final ConnectionLimits limits;
    private final ChannelGroup open;
    private final Supplier<ControlHandler> handlers;
    private boolean full;

    Connections(ConnectionLimits limits, EventLoop loop, Supplier<ControlHandler> handlers) {
        this.limits = limits;
        this.open = new DefaultChannelGroup("control", loop);
        this.handlers = handlers;
    }

    @Override
    protected void initChannel(Channel client) {
        if (open.size() >= limits.connections()) {
            if (!full) {
                full = true;
                LOG.warn(
                        "control: connections: {} (expected: fewer); others are closed at once",
                        open.size());
            }
            var _ = client.close();
            return;
        }
        full = false;
        open.add(client);
        client.pipeline()
                .addLast(
                        new HttpServerCodec(),
                        new FlowControlHandler(),
                        new RequestBody(),
                        new RequestPace(limits.time()),
                        handlers.get());
    }

    @Override
    public void close() {
        open.close().awaitUninterruptibly();
    }
}
