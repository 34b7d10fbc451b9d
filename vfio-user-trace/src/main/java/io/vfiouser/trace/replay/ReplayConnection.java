package io.vfiouser.trace.replay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.wire.WireEnd;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The sockets of a replay: sends, and keeps what comes, replies apart from the server's own
/// commands. For one thread that may wait.
final class ReplayConnection implements AutoCloseable {
    private final IoEventLoopGroup loops;
    private final BlockingQueue<Optional<ByteBuf>> replies = new LinkedBlockingQueue<>();
    private final BlockingQueue<Optional<ByteBuf>> commands = new LinkedBlockingQueue<>();
    private final CompletableFuture<WireEnd> twin = new CompletableFuture<>();
    private final WireEnd main;

    ReplayConnection(Path socket) {
        this.loops = EventLoops.of(1).named("vfio-user-replay").daemon(true).start();
        var made = new CompletableFuture<WireEnd>();
        var connected =
                new Bootstrap()
                        .group(loops)
                        .channel(VfioUserChannel.class)
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        made.complete(
                                                new WireEnd(
                                                        (VfioUserChannel) channel, new Incoming()));
                                    }
                                })
                        .connect(new DomainSocketAddress(socket.toFile()))
                        .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new ReplayException(
                    socket + ": " + connected.cause().getMessage() + " (expected: a server)",
                    connected.cause());
        }
        this.main = made.join();
    }

    void send(byte[] bytes, FdBundle descriptors, boolean overTwin) {
        WireEnd end = main;
        if (overTwin) {
            WireEnd second = twin.getNow(main);
            end = second;
        }
        WireEnd to = end;
        to.loop().execute(() -> to.send(Unpooled.directBuffer().writeBytes(bytes), descriptors));
    }

    @Nullable ByteBuf reply(Duration timeout) throws InterruptedException {
        return take(replies, timeout);
    }

    @Nullable ByteBuf command(Duration timeout) throws InterruptedException {
        return take(commands, timeout);
    }

    @Override
    public void close() {
        main.close();
        var _ = twin.thenAccept(WireEnd::close);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static @Nullable ByteBuf take(BlockingQueue<Optional<ByteBuf>> queue, Duration timeout)
            throws InterruptedException {
        Optional<ByteBuf> next = queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (next == null) {
            return null;
        }
        if (next.isEmpty()) {
            queue.add(next); // the end stays the end
        }
        return next.orElse(null);
    }

    private final class Incoming implements WireEnd.Listener {
        @Override
        public void message(ByteBuf bytes, FdBundle descriptors) {
            try (descriptors) {
                takeTwin(descriptors);
                ByteBuf kept = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes));
                boolean reply = MessageHeader.type(kept, 0) == WireFormat.TYPE_REPLY;
                (reply ? replies : commands).add(Optional.of(kept));
            }
        }

        @Override
        public void ended(String reason) {
            replies.add(Optional.empty());
            commands.add(Optional.empty());
        }

        /// The one socket that a server sends is the second one.
        private void takeTwin(FdBundle descriptors) {
            for (int i = 0; i < descriptors.count() && !twin.isDone(); i++) {
                if (FileStatus.of(descriptors.peek(i)).kind() == FileStatus.Kind.SOCKET) {
                    FileDescriptor fd = descriptors.take(i);
                    var channel = new VfioUserChannel(fd);
                    twin.complete(new WireEnd(channel, new Incoming()));
                    var _ = main.loop().register(channel);
                }
            }
        }
    }
}
