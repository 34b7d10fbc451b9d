package io.vfiouser.it.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Accesses whose data goes between socket and device memory without a copy.
@ExtendWith(NoDescriptorLeaks.class)
class LargeAccessTest {
    private static final int BAR1 = 1;
    private static final int SIZE = 1 << 20;
    private static final int HEAD = 32;

    private final TestServer server = TestServer.start();
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("large", new TestDevice());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 1048576", "1, 1048575", "4095, 8192", "77, 8191", "5, 200001", "100, 65536"})
    void whatIsWrittenIsRead(int offset, int count) {
        byte[] data = random(count);
        try (var client = VfioUserClient.connect(socket)) {
            client.writeBytes(BAR1, offset, data);
            assertThat(client.readBytes(BAR1, offset, count)).isEqualTo(data);
            byte[] all = new byte[SIZE];
            System.arraycopy(data, 0, all, offset, count);
            assertThat(client.readBytes(BAR1, 0, SIZE)).isEqualTo(all);
        }
    }

    /// The second command comes while most of the first one's reply waits for room in the socket.
    @Test
    void aWriteBehindAReadIsNotSeenByIt() {
        byte[] before = random(SIZE);
        byte[] after = new byte[SIZE];
        Arrays.fill(after, (byte) 0x55);
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            client.setReading(false);
            send(client, write(1, before));
            client.send(2, new RegionRead(BAR1, 0, SIZE), FdBundle.empty());
            send(client, write(3, after));
            client.send(4, new RegionRead(BAR1, 0, SIZE), FdBundle.empty());
            client.setReading(true);
            receive(client, 1).close();
            assertData(client, 2, before);
            receive(client, 3).close();
            assertData(client, 4, after);
        }
    }

    @Test
    void aClientThatGoesInTheMiddleLeavesNothingBehind() {
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            client.send(Arrays.copyOf(write(1, random(SIZE)), SIZE / 2));
        }
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(client.readBytes(BAR1, 0, SIZE)).isEqualTo(new byte[SIZE]);
        }
    }

    @Test
    void aResetInTheMiddleOfAWriteComesBeforeIt() throws Exception {
        byte[] data = random(SIZE);
        byte[] message = write(1, data);
        int half = SIZE / 2;
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            // The reply shows that all before the half message has been read, and half of it.
            client.send(2, new RegionRead(BAR1, 0, 4), FdBundle.empty());
            client.send(Arrays.copyOf(message, half));
            receive(client, 2).close();
            device().reset().join();
            client.send(Arrays.copyOfRange(message, half, message.length));
            receive(client, 1).close();
            client.send(3, new RegionRead(BAR1, 0, SIZE), FdBundle.empty());
            assertData(client, 3, data);
        }
    }

    @Test
    void aTapSeesWholeMessages() {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        MessageTap tap =
                new MessageTap() {
                    @Override
                    public void message(TappedMessage message) {
                        sizes.add(message.bytes().readableBytes());
                    }
                };
        byte[] data = random(SIZE);
        try (var client = VfioUserClient.connect(socket);
                var _ = device().tap(tap)) {
            client.writeBytes(BAR1, 0, data);
            assertThat(client.readBytes(BAR1, 0, SIZE)).isEqualTo(data);
        }
        assertThat(sizes).containsExactly(HEAD + SIZE, HEAD, HEAD, HEAD + SIZE);
    }

    @Test
    void isCounted() {
        try (var client = VfioUserClient.connect(socket)) {
            client.writeBytes(BAR1, 0, new byte[SIZE]);
            client.readBytes(BAR1, 0, SIZE);
            client.readBytes(BAR1, 0, SIZE);
            var accesses = device().stats().regions().getFirst();
            assertThat(accesses.bytesWritten()).isEqualTo(SIZE);
            assertThat(accesses.bytesRead()).isEqualTo(2L * SIZE);
        }
    }

    private ServedDevice device() {
        return server.server().devices().iterator().next();
    }

    private static byte[] write(int id, byte[] data) {
        ByteBuf out = Unpooled.buffer(HEAD + data.length);
        new MessageHeader(id, Command.REGION_WRITE.id(), HEAD + data.length, 0, 0).write(out);
        out.writeLongLE(0).writeIntLE(BAR1).writeIntLE(data.length).writeBytes(data);
        return ByteBufUtil.getBytes(out);
    }

    private static void send(RawConnection client, byte[] bytes) {
        client.send(bytes);
    }

    private static RawFrame receive(RawConnection client, int id) {
        RawFrame reply = client.receive();
        assertThat(reply.header().messageId()).isEqualTo(id);
        return reply;
    }

    private static void assertData(RawConnection client, int id, byte[] expected) {
        try (RawFrame reply = receive(client, id)) {
            ByteBuf bytes = reply.bytes();
            int at = bytes.readerIndex() + HEAD;
            assertThat(ByteBufUtil.getBytes(bytes, at, expected.length)).isEqualTo(expected);
        }
    }

    private static byte[] random(int size) {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        return data;
    }
}
