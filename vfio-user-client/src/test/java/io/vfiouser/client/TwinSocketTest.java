package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The second socket, of which the server sends one end with its reply to `VERSION`.
final class TwinSocketTest extends ClientTest {
    private static final ClientOptions TWIN = OPTIONS.withTwinSocket(true);
    private static final long IOVA = 0x10_0000;
    private static final String DMA_READ =
            "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00";
    private static final String DMA_READ_REPLY =
            "01 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00 41 42 43 44 45 46 47 48";
    private static final String RESET = "01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00";
    private static final String RESET_REPLY = "01 00 0d 00 10 00 00 00 01 00 00 00 00 00 00 00";

    private final EventLoopGroup loops = EventLoops.of(1).named("twin").daemon(true).start();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final VfioUserChannel ours;
    private final FileDescriptor theirs;

    TwinSocketTest() {
        FileDescriptor[] ends = UnixSockets.pair();
        ours = new VfioUserChannel(ends[0]);
        theirs = ends[1];
        ours.pipeline()
                .addLast(
                        new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
                                received.add(ByteBufUtil.hexDump(in));
                            }
                        });
        loops.register(ours).syncUninterruptibly();
    }

    @AfterEach
    void closeOurs() {
        ours.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void answersTheServersCommandsOnTheSecondSocket() throws Exception {
        MemorySegment memory = NativeMemory.allocate(8);
        memory.copyFrom(MemorySegment.ofArray("ABCDEFGH".getBytes(StandardCharsets.US_ASCII)));
        try (VfioUserClient client = connectWithTwin()) {
            assertThat(client.serverCapabilities().twinSocket().supported()).isTrue();
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            var resetting = client.async().reset();
            server.expect(RESET);
            sendOnTwin(DMA_READ);
            expectOnTwin(DMA_READ_REPLY);
            assertThat(resetting).isNotDone();
            server.send(RESET_REPLY);
            resetting.join();
        }
        assertThat(ours.closeFuture().awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void endsWhenTheServerClosesTheSecondSocket() throws Exception {
        try (VfioUserClient client = connectWithTwin()) {
            var resetting = client.async().reset();
            server.expect(RESET);
            ours.close().syncUninterruptibly();
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class);
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            server.expectClose();
        }
    }

    @Test
    void endsWhenAReplyComesOnTheSecondSocket() {
        try (VfioUserClient client = connectWithTwin()) {
            sendOnTwin(RESET_REPLY);
            assertThatThrownBy(client.closed().toCompletableFuture()::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("a reply on the twin socket");
            server.expectClose();
        }
    }

    @Test
    void endsWhenACommandComesOnTheFirstSocket() {
        try (VfioUserClient client = connectWithTwin()) {
            server.send(DMA_READ);
            assertThatThrownBy(client.closed().toCompletableFuture()::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("a command beside the twin socket");
            server.expectClose();
        }
    }

    @Test
    void usesTheFirstSocketIfTheServerHasNoSecond() throws IOException {
        var connecting = VfioUserClient.connectAsync(server.socket(), TWIN);
        server.expect(version());
        server.send(FakeServer.VERSION_REPLY);
        try (VfioUserClient client = connecting.join()) {
            server.send(DMA_READ);
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 13 00 00 00");
            assertThat(client.isOpen()).isTrue();
        }
        theirs.close();
    }

    @Test
    void refusesAReplyThatNamesNoDescriptor() throws IOException {
        for (String index : new String[] {",\"fd_index\":2", ""}) {
            Path place = Files.createDirectory(directory.resolve("at" + index.length()));
            try (var next = FakeServer.listen(place)) {
                var connecting = VfioUserClient.connectAsync(next.socket(), TWIN);
                next.expect(version());
                next.send(versionReply(index), UnixSockets.pair());
                assertThatThrownBy(connecting::join)
                        .cause()
                        .isInstanceOf(MalformedReplyException.class)
                        .hasMessageContaining("twin_socket.fd_index");
                next.expectClose();
            }
        }
        theirs.close();
    }

    private VfioUserClient connectWithTwin() {
        var connecting = VfioUserClient.connectAsync(server.socket(), TWIN);
        server.expect(version());
        server.send(versionReply(",\"fd_index\":0"), theirs);
        return connecting.join();
    }

    private static String version() {
        String json =
                "{\"capabilities\":{\"max_msg_fds\":16,\"twin_socket\":{\"supported\":true}}}";
        return message("00", json);
    }

    private static String versionReply(String index) {
        return message(
                "01", "{\"capabilities\":{\"twin_socket\":{\"supported\":true" + index + "}}}");
    }

    private static String message(String type, String json) {
        byte[] text = json.getBytes(StandardCharsets.US_ASCII);
        return "00 00 01 00 %02x 00 00 00 %s 00 00 00 00 00 00 00 00 00 00 00 %s 00"
                .formatted(21 + text.length, type, HexFormat.of().formatHex(text));
    }

    private void sendOnTwin(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        ours.writeAndFlush(Unpooled.wrappedBuffer(bytes)).syncUninterruptibly();
    }

    private void expectOnTwin(String hex) throws InterruptedException {
        String wanted = hex.replaceAll("\\s", "");
        var got = new StringBuilder();
        while (got.length() < wanted.length()) {
            String next = received.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("after %s", got).isNotNull();
            got.append(next);
        }
        assertThat(got).hasToString(wanted);
    }
}
