package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoDescriptorLeaks.class)
class MessageSocketTest {
    private final FileDescriptor[] pair = UnixSockets.pair();
    private final MessageSocket left = new MessageSocket(pair[0]);
    private final MessageSocket right = new MessageSocket(pair[1]);
    private final ByteBuf into = PooledByteBufAllocator.DEFAULT.directBuffer(4096, 4096);

    @AfterEach
    void closeBoth() {
        into.release();
        Descriptors.close(pair[0]);
        Descriptors.close(pair[1]);
    }

    static Stream<ByteBuf> kinds() {
        byte[] bytes = {1, 2, 3, 4, 5};
        return Stream.of(
                Unpooled.directBuffer().writeBytes(bytes),
                PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes),
                Unpooled.buffer().writeBytes(bytes),
                Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(5).put(bytes).flip()),
                Unpooled.wrappedBuffer(bytes).asReadOnly(),
                Unpooled.directBuffer().writeBytes(bytes).asReadOnly(),
                Unpooled.wrappedBuffer(
                        Unpooled.directBuffer().writeBytes(bytes, 0, 2),
                        Unpooled.directBuffer().writeBytes(bytes, 2, 3)),
                Unpooled.wrappedBuffer(
                        Unpooled.directBuffer().writeBytes(bytes, 0, 2),
                        Unpooled.wrappedBuffer(bytes, 2, 3)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void sendsAnyKindOfBuffer(ByteBuf bytes) {
        bytes.skipBytes(1);

        assertThat(left.send(bytes, FdBundle.empty())).isEqualTo(4);
        assertThat(left.send(new ByteBuf[] {bytes, bytes}, 2, FdBundle.empty())).isEqualTo(8);

        assertThat(right.receive(into)).isEqualTo(12);
        assertThat(ByteBufUtil.getBytes(into)).containsExactly(2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5);
        assertThat(bytes.readableBytes()).isEqualTo(4);
        bytes.release();
    }

    static Stream<ByteBuf> targets() {
        return Stream.of(
                Unpooled.directBuffer(8, 8),
                Unpooled.buffer(8, 8),
                Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(8)).clear(),
                UnpooledByteBufAllocator.DEFAULT
                        .compositeDirectBuffer()
                        .addComponents(
                                true,
                                Unpooled.directBuffer(4).writeZero(4),
                                Unpooled.buffer(4).writeZero(4))
                        .clear());
    }

    @ParameterizedTest
    @MethodSource("targets")
    void receivesIntoAnyKindOfBuffer(ByteBuf target) {
        send("abcdefgh");

        target.writeByte('-');
        assertThat(right.receive(target)).isEqualTo(7);

        assertThat(target.readString(8, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("-abcdefg");
        target.release();
    }

    @Test
    void tellsEmptyFromEnded() {
        assertThat(right.receive(into)).isEqualTo(-1);
        Descriptors.close(pair[0]);
        assertThat(right.receive(into)).isZero();
        assertThat(into.readableBytes()).isZero();
    }

    @Test
    void passesDescriptors() {
        try (EventFd doorbell = EventFd.create()) {
            ByteBuf bytes = Unpooled.directBuffer().writeInt(7);
            FdBundle sent = FdBundle.of(Descriptors.duplicate(doorbell.fd()));
            assertThat(left.send(bytes, sent)).isEqualTo(4);
            sent.close();
            bytes.release();

            assertThat(right.receive(into)).isEqualTo(4);
            FdBundle received = right.received();
            assertThat(received.count()).isEqualTo(1);
            assertThat(right.received()).isSameAs(FdBundle.empty());
            try (EventFd same = EventFd.adopt(received.take(0))) {
                assertThat(same.signal()).isTrue();
            }
            assertThat(doorbell.drain()).isEqualTo(1);
        }
    }

    @Test
    void readEndsAfterThePartThatCarriedDescriptors() {
        send("1234567890123456");
        sendWithDescriptors("12345678901234567890", 2);
        send("123456789012345678901234");
        sendWithDescriptors("12345678", 1);

        assertThat(right.receive(into)).isEqualTo(36);
        assertThat(closing(right.received())).isEqualTo(2);
        assertThat(right.receive(into)).isEqualTo(32);
        assertThat(closing(right.received())).isEqualTo(1);
        assertThat(right.receive(into)).isEqualTo(-1);
    }

    @Test
    void carriesAsManyDescriptorsAsLinuxAllows() {
        sendWithDescriptors("x", MessageSocket.MAX_DESCRIPTORS);

        assertThat(right.receive(into)).isEqualTo(1);
        assertThat(closing(right.received())).isEqualTo(253);
    }

    @Test
    void refusesMoreDescriptorsThanLinuxAllows() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sendWithDescriptors("x", 254))
                .withMessage("descriptors: 254 (expected: at most 253 in one message)");
    }

    @Test
    void refusesDescriptorsWithoutAByteToCarryThem() {
        try (FdBundle descriptors = bundle(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> left.send(Unpooled.EMPTY_BUFFER, descriptors))
                    .withMessageContaining("bytes: 0");
        }
        assertThat(left.send(Unpooled.EMPTY_BUFFER, FdBundle.empty())).isZero();
    }

    @Test
    void lostDescriptorsEndInAnExceptionAndTheOthersAreClosed() {
        sendWithDescriptors("x", 5);
        var narrow = new MessageSocket(pair[1], 2);

        assertThatExceptionOfType(TruncatedControlDataException.class)
                .isThrownBy(() -> narrow.receive(into))
                .withMessageContaining("descriptors received: 2, others lost");
        assertThat(narrow.received().isEmpty()).isTrue();
    }

    @Test
    void unfetchedDescriptorsAreClosedByTheNextReceive() {
        sendWithDescriptors("x", 3);
        send("y");

        assertThat(right.receive(into)).isEqualTo(1);
        assertThat(right.receive(into)).isEqualTo(1);
        assertThat(right.received().isEmpty()).isTrue();
    }

    @Test
    void gathersUpTo64Buffers() {
        var buffers = new ByteBuf[70];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = Unpooled.directBuffer(1).writeByte(i);
        }

        assertThat(left.send(buffers, 70, FdBundle.empty())).isEqualTo(64);
        assertThat(right.receive(into)).isEqualTo(64);
        for (int i = 0; i < 64; i++) {
            assertThat(into.getByte(i)).isEqualTo((byte) i);
        }
        buffers[0].release();
        buffers[0] = Unpooled.wrappedBuffer(new byte[] {99}); // takes the way of copies
        assertThat(left.send(buffers, 70, FdBundle.empty())).isEqualTo(64);
        into.clear();
        assertThat(right.receive(into)).isEqualTo(64);
        assertThat(into.getByte(0)).isEqualTo((byte) 99);
        assertThat(into.getByte(63)).isEqualTo((byte) 63);
        for (ByteBuf buffer : buffers) {
            buffer.release();
        }
    }

    @Test
    void partialSendsOfLargeBuffersArriveWhole() {
        var random = new Random(7);
        byte[] content = new byte[3 << 20];
        random.nextBytes(content);
        for (boolean direct : new boolean[] {true, false}) {
            ByteBuf bytes =
                    (direct ? Unpooled.directBuffer() : Unpooled.buffer()).writeBytes(content);
            ByteBuf all = Unpooled.buffer(content.length);
            boolean wasFull = false;
            while (all.readableBytes() < content.length) {
                long sent = bytes.isReadable() ? left.send(bytes, FdBundle.empty()) : -1;
                if (sent > 0) {
                    bytes.skipBytes((int) sent);
                } else {
                    wasFull |= bytes.isReadable();
                    into.clear();
                    assertThat(right.receive(into)).isPositive();
                    all.writeBytes(into);
                }
            }
            assertThat(wasFull).isTrue();
            assertThat(all.array()).isEqualTo(content);
            bytes.release();
            all.release();
        }
    }

    @Test
    void brokenConnectionsAreErrors() {
        send("unread");
        Descriptors.close(pair[1]);
        ByteBuf bytes = Unpooled.directBuffer().writeByte(1);

        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> left.send(bytes, FdBundle.empty()))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> left.poll(into))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ECONNRESET));
        assertThat(left.receive(into)).isZero();
        bytes.release();
    }

    /// A call finds nothing, the peer closes, and the call that asks why finds the end.
    @Test
    void aPeerThatClosesInOrderIsTheEndWheneverItDoes() throws Exception {
        try (var threads = Executors.newSingleThreadExecutor()) {
            for (int i = 0; i < 300; i++) {
                FileDescriptor[] both = UnixSockets.pair();
                var reader = new MessageSocket(both[0]);
                var asking = new CountDownLatch(1);
                var closed =
                        threads.submit(() -> {
                            asking.await();
                            both[1].close();
                            return true;
                        });
                int count;
                do {
                    count = reader.receive(into);
                    asking.countDown();
                } while (count < 0);
                assertThat(count).isZero();
                assertThat(closed.get()).isTrue();
                both[0].close();
            }
        }
    }

    @Test
    void closedSocketIsNeverTouched() {
        Descriptors.close(pair[0]);

        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> left.receive(into))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }

    @Test
    void knowsThePeer() {
        PeerCredentials peer = PeerCredentials.of(pair[0]);

        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
    }

    @Test
    void credentialsOfAFileAreAnError() {
        try (SharedMemory memory = SharedMemory.create("file", 1)) {
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() -> PeerCredentials.of(memory.fd()))
                    .withMessageContaining("SO_PEERCRED");
        }
    }

    private void send(String text) {
        ByteBuf bytes = ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, text);
        assertThat(left.send(bytes, FdBundle.empty())).isEqualTo(text.length());
        bytes.release();
    }

    private void sendWithDescriptors(String text, int count) {
        ByteBuf bytes = ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, text);
        try (FdBundle descriptors = bundle(count)) {
            assertThat(left.send(bytes, descriptors)).isEqualTo(text.length());
        } finally {
            bytes.release();
        }
    }

    private static FdBundle bundle(int count) {
        List<FileDescriptor> descriptors = new ArrayList<>();
        try (EventFd source = EventFd.create()) {
            for (int i = 0; i < count; i++) {
                descriptors.add(Descriptors.duplicate(source.fd()));
            }
        }
        return FdBundle.ofOwned(descriptors);
    }

    private static int closing(FdBundle bundle) {
        bundle.close();
        return bundle.count();
    }
}
