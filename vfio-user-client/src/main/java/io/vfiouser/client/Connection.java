package io.vfiouser.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.EventExecutor;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A connected channel with the loop it runs on, which is the caller's or one of our own.
final class Connection {
    private final Path socket;
    private final Channel channel;
    private final Optional<EventLoopGroup> ownGroup;
    private boolean flushScheduled;

    private Connection(Path socket, Channel channel, Optional<EventLoopGroup> ownGroup) {
        this.socket = socket;
        this.channel = channel;
        this.ownGroup = ownGroup;
    }

    /// Connects to a socket.
    ///
    /// @param callersGroup loops to run on; empty for one loop of our own, a daemon thread
    /// @param limits what the server may send in one message
    /// @param timeout how long to wait for room in the queue of the listener
    /// @param handlerOf makes what takes the messages, before the first of them can come
    /// @return completed on the loop; with an `UncheckedIOException` if nobody listens
    static <H extends FrameHandler> CompletableFuture<H> open(
            Path socket,
            Optional<EventLoopGroup> callersGroup,
            FrameLimits limits,
            Duration timeout,
            Function<Connection, H> handlerOf) {
        Optional<EventLoopGroup> ownGroup =
                callersGroup.isPresent() ? Optional.empty() : Optional.of(newGroup());
        var made = new CompletableFuture<H>();
        var bootstrap =
                new Bootstrap()
                        .group(callersGroup.or(() -> ownGroup).orElseThrow())
                        .channel(VfioUserChannel.class)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(timeout))
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        var connection = new Connection(socket, channel, ownGroup);
                                        H handler = handlerOf.apply(connection);
                                        channel.pipeline()
                                                .addLast(
                                                        new FrameDecoder(handler, limits),
                                                        new LostConnection());
                                        made.complete(handler);
                                    }
                                });
        var connected = new CompletableFuture<H>();
        bootstrap
                .connect(new DomainSocketAddress(socket.toString()))
                .addListener(future -> {
                    if (future.isSuccess()) {
                        connected.complete(made.join());
                    } else {
                        ownGroup.ifPresent(Connection::stop);
                        connected.completeExceptionally(notConnected(future.cause()));
                    }
                });
        return connected;
    }

    Path socket() {
        return socket;
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    boolean isOpen() {
        return channel.isActive();
    }

    /// Who serves, as the kernel noted when the connection was made.
    PeerCredentials server() {
        return ((VfioUserChannel) channel).peerCredentials();
    }

    /// Whether more can be sent without piling up in memory.
    boolean isWritable() {
        return channel.isWritable();
    }

    /// Whether the calling thread runs one of the loops, where nothing may wait.
    boolean isOnLoop() {
        EventLoopGroup group = loop().parent();
        return group == null ? loop().inEventLoop() : isLoopOf(group);
    }

    /// Whether the calling thread runs one of these loops.
    static boolean isLoopOf(EventLoopGroup group) {
        for (EventExecutor each : group) {
            if (each.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /// A buffer for a message, from any thread.
    ByteBuf buffer() {
        return channel.alloc().directBuffer();
    }

    /// Runs a task on the loop: now if this is the loop, else soon.
    ///
    /// @throws java.util.concurrent.RejectedExecutionException if the loop has ended
    void run(Runnable task) {
        if (loop().inEventLoop()) {
            task.run();
        } else {
            loop().execute(task);
        }
    }

    /// Writes a message; what is written in one turn of the loop leaves together. On the loop.
    ///
    /// @param message taken over
    /// @param descriptors taken over
    ChannelFuture write(ByteBuf message, FdBundle descriptors) {
        ChannelFuture written =
                channel.write(descriptors.isEmpty() ? message : Chunk.of(message, descriptors));
        if (!flushScheduled) {
            flushScheduled = true;
            loop().execute(this::flush);
        }
        return written;
    }

    /// Stops or resumes to read from the socket.
    void setReading(boolean reads) {
        channel.config().setAutoRead(reads);
    }

    /// Tells the server that nothing more will be sent, while its answers are still read.
    ChannelFuture shutdownOutput() {
        return ((DuplexChannel) channel).shutdownOutput();
    }

    /// Waits until the connection has ended.
    boolean awaitClosed(Duration limit) {
        return channel.closeFuture().awaitUninterruptibly(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Ends the connection without waiting; from any thread.
    void close() {
        var _ = channel.close();
    }

    /// Ends the connection and, if the loop is ours, the loop; waits for both unless on a loop.
    void closeAndWait() {
        ChannelFuture closed = channel.close();
        boolean mayWait = !isOnLoop();
        if (mayWait) {
            closed.awaitUninterruptibly();
        }
        ownGroup.ifPresent(group -> {
            stop(group);
            if (mayWait) {
                group.terminationFuture().awaitUninterruptibly();
            }
        });
    }

    private void flush() {
        flushScheduled = false;
        channel.flush();
    }

    private static EventLoopGroup newGroup() {
        return EventLoops.of(1).named("vfio-user-client").daemon(true).start();
    }

    private static void stop(EventLoopGroup group) {
        var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static int millis(Duration timeout) {
        return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
    }

    /// The cause names the path.
    private static UncheckedIOException notConnected(Throwable cause) {
        IOException io = cause instanceof IOException same ? same : new IOException(cause);
        return new UncheckedIOException(cause.getMessage(), io);
    }
}
