package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserServerChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A server that says exactly what a test tells it, byte by byte, over a real socket.
///
/// Bytes are hex with spaces anywhere. It knows no messages: what is expected and what is sent is
/// written out in the test.
final class FakeServer implements AutoCloseable {
    /// A `VERSION` of [ClientTest#OPTIONS]: 0.0, `{"capabilities":{"max_msg_fds":16}}`, id 0.
    static final String VERSION =
            """
            00 00 01 00 38 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 7b 22 63 61 70 61 62 69 6c 69 74 69
            65 73 22 3a 7b 22 6d 61 78 5f 6d 73 67 5f 66 64
            73 22 3a 31 36 7d 7d 00
            """;

    /// A good reply to it, 0.0 without text.
    static final String VERSION_REPLY =
            "00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00  00 00 00 00";

    private static final int WAIT_SECONDS = 20;

    private final Path socket;
    private final EventLoopGroup loops = EventLoops.of(1).named("fake-server").daemon(true).start();
    private final BlockingQueue<Optional<Received>> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<Channel> clients = new LinkedBlockingQueue<>();
    private final ArrayDeque<FdBundle> descriptors = new ArrayDeque<>();
    private final StringBuilder unread = new StringBuilder();
    private Optional<Channel> listener = Optional.empty();
    private Optional<Channel> client = Optional.empty();

    private FakeServer(Path socket) {
        this.socket = socket;
    }

    static FakeServer listen(Path directory) {
        var server = new FakeServer(directory.resolve("fake.sock"));
        var bootstrap =
                new ServerBootstrap()
                        .group(server.loops)
                        .channel(VfioUserServerChannel.class)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(server.new Recorder());
                                        server.clients.add(channel);
                                    }
                                });
        var address = new DomainSocketAddress(server.socket.toString());
        server.listener = Optional.of(bootstrap.bind(address).syncUninterruptibly().channel());
        return server;
    }

    Path socket() {
        return socket;
    }

    /// Waits for as many bytes as `hex` has, and compares.
    void expect(String hex) {
        String wanted = hex.replaceAll("\\s", "");
        while (unread.length() < wanted.length()) {
            Received next =
                    next().orElseThrow(
                                    () -> new AssertionError("the client closed after " + unread));
            unread.append(next.hex);
            if (!next.descriptors.isEmpty()) {
                descriptors.add(next.descriptors);
            }
        }
        assertThat(unread.substring(0, wanted.length())).isEqualTo(wanted);
        unread.delete(0, wanted.length());
    }

    /// The descriptors of the next chunk that came with some.
    FdBundle takeDescriptors() {
        return descriptors.remove();
    }

    /// Whether bytes came that were not expected yet, as far as they were read.
    int unreadBytes() {
        return unread.length() / 2;
    }

    /// Waits until the client has closed; bytes that come before are dropped.
    void expectClose() {
        while (next().isPresent()) {
            // Whatever the client still had to say.
        }
    }

    void send(String hex, FileDescriptor... attached) {
        ByteBuf bytes = Unpooled.wrappedBuffer(bytes(hex));
        Object message = attached.length == 0 ? bytes : Chunk.of(bytes, FdBundle.of(attached));
        client().writeAndFlush(message).syncUninterruptibly();
    }

    /// Answers the negotiation of a client with [ClientTest#OPTIONS].
    void negotiate() {
        expect(VERSION);
        send(VERSION_REPLY);
    }

    /// Stops or resumes to read what the client sends; one read may still be made.
    void setReading(boolean reads) {
        client().config().setAutoRead(reads);
    }

    void closeClient() {
        client().close().syncUninterruptibly();
    }

    @Override
    public void close() {
        listener.ifPresent(channel -> channel.close().syncUninterruptibly());
        client.ifPresent(channel -> channel.close().syncUninterruptibly());
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
        for (var late = received.poll(); late != null; late = received.poll()) {
            late.ifPresent(each -> each.descriptors.close());
        }
        descriptors.forEach(FdBundle::close);
    }

    private Channel client() {
        if (client.isEmpty()) {
            client = Optional.of(poll(clients, "a client"));
        }
        return client.get();
    }

    private Optional<Received> next() {
        return poll(received, "bytes of the client");
    }

    private static <T> T poll(BlockingQueue<T> queue, String what) {
        try {
            T next = queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError(what + ": nothing came in " + WAIT_SECONDS + " s");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    private record Received(String hex, FdBundle descriptors) {}

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            switch (message) {
                case ByteBuf bytes -> {
                    record(bytes, FdBundle.empty());
                    bytes.release();
                }
                case Chunk chunk -> {
                    record(chunk.bytes(), chunk.takeDescriptors());
                    chunk.release();
                }
                default -> throw new AssertionError(message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            received.add(Optional.empty());
        }

        private void record(ByteBuf bytes, FdBundle attached) {
            received.add(Optional.of(new Received(ByteBufUtil.hexDump(bytes), attached)));
        }
    }
}
