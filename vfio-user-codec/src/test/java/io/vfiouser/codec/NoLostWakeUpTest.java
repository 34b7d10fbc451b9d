package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many connections on few loops, messages cut at random, with and without descriptors, reads that
/// stop for every reason there is: all messages arrive, in order, with their descriptors, though
/// nothing is sent behind them.
@ExtendWith(NoDescriptorLeaks.class)
class NoLostWakeUpTest {
    private static final int CONNECTIONS = 24;
    private static final int ROUNDS = 250;
    private static final int PATIENCE_SECONDS = 20;

    private final Random random = new Random(20261123);

    @Test
    void everyMessageArrivesWithoutAnotherBehindIt() throws Exception {
        EventLoopGroup servers = EventLoops.of(2).daemon(true).start();
        EventLoopGroup clients = EventLoops.of(1).daemon(true).start();
        List<Connection> connections = new ArrayList<>();
        try (EventFd attached = EventFd.create()) {
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(new Connection(clients, servers, attached, random.nextLong()));
            }
            for (int round = 0; round < ROUNDS; round++) {
                connections.forEach(Connection::burst);
                for (Connection connection : connections) {
                    connection.awaitAll();
                }
            }
            for (Connection connection : connections) {
                connection.close();
            }
        } finally {
            clients.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).sync();
            servers.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).sync();
        }
    }

    /// Both ends of a connection. The test thread sends; the server's end checks what comes.
    private static final class Connection implements FrameHandler {
        private final Random sending;
        private final Random receiving;
        private final EventFd attached;
        private final EventLoopGroup servers;
        private final VfioUserChannel client;
        private final VfioUserChannel server;
        private final Semaphore arrived = new Semaphore(0);
        private final AtomicReference<String> difference = new AtomicReference<>("");
        private int sent;
        private int received;
        private int expected;

        Connection(EventLoopGroup clients, EventLoopGroup servers, EventFd attached, long seed)
                throws InterruptedException {
            this.sending = new Random(seed);
            this.receiving = new Random(seed + 1);
            this.attached = attached;
            this.servers = servers;
            FileDescriptor[] pair = UnixSockets.pair();
            client = new VfioUserChannel(pair[0]);
            server = new VfioUserChannel(pair[1]);
            var decoder = new FrameDecoder(this, FrameLimits.DEFAULT);
            server.config()
                    .setRecvByteBufAllocator(decoder.receiveAllocator(1 + sending.nextInt(3)));
            server.pipeline().addLast(decoder);
            if (sending.nextInt(4) != 0) {
                server.receiver(decoder);
            }
            clients.register(client).sync();
            servers.register(server).sync();
        }

        /// Some messages, cut and flushed anywhere. Long pauses are as likely as floods: a
        /// connection is edge-triggered only after some quiet reads.
        void burst() {
            int messages = sending.nextInt(4) == 0 ? sending.nextInt(60) : 1;
            for (int i = 0; i < messages; i++) {
                int body = sending.nextInt(12) == 0 ? sending.nextInt(60_000) : sending.nextInt(60);
                send(body, sending.nextInt(8) == 0 ? 1 + sending.nextInt(3) : 0);
            }
            disturb(sending.nextInt(40));
            client.flush();
        }

        private void send(int body, int descriptors) {
            int size = WireFormat.HEADER_SIZE + body;
            ByteBuf message = Unpooled.directBuffer(size);
            message.writeShortLE(sent++).writeShortLE(9).writeIntLE(size).writeIntLE(0);
            message.writeIntLE(descriptors).writeZero(body);
            expected++;
            if (descriptors > 0) {
                List<FileDescriptor> copies = new ArrayList<>();
                for (int i = 0; i < descriptors; i++) {
                    copies.add(Descriptors.duplicate(attached.fd()));
                }
                int first = 1 + sending.nextInt(size);
                var _ =
                        client.write(
                                Chunk.of(
                                        message.readRetainedSlice(first),
                                        FdBundle.ofOwned(copies)));
            } else if (sending.nextInt(4) == 0) {
                var _ = client.write(message.readRetainedSlice(1 + sending.nextInt(size - 1)));
                client.flush();
            }
            if (message.isReadable()) {
                var _ = client.write(message);
            } else {
                message.release();
            }
            if (sending.nextInt(5) == 0) {
                client.flush();
            }
        }

        /// Stops the server's end from outside, for a moment.
        private void disturb(int way) {
            EventLoop loop = server.eventLoop();
            switch (way) {
                case 0 -> {
                    server.config().setAutoRead(false);
                    server.config().setAutoRead(true);
                }
                case 1 -> {
                    server.config().setAutoRead(false);
                    client.flush();
                    server.config().setAutoRead(true);
                }
                case 2 -> {
                    loop.execute(server::suspend);
                    client.flush();
                    loop.execute(server::resume);
                }
                case 3 -> {
                    server.deregister().syncUninterruptibly();
                    client.flush();
                    servers.register(server).syncUninterruptibly();
                }
                default -> {}
            }
        }

        void awaitAll() throws InterruptedException {
            boolean all = arrived.tryAcquire(expected, PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(difference.get()).isEmpty();
            assertThat(all)
                    .as("%d messages, of which %d came", expected, arrived.availablePermits())
                    .isTrue();
            expected = 0;
        }

        void close() throws InterruptedException {
            client.close().sync();
            assertThat(server.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void frame(ByteBuf frame, FdBundle descriptors) {
            int number = frame.getUnsignedShortLE(frame.readerIndex());
            int attachedTo = frame.getIntLE(frame.readerIndex() + 12);
            if (number != (received & 0xffff) || attachedTo != descriptors.count()) {
                difference.set(
                        "message %d with %d descriptors (expected: %d with %d)"
                                .formatted(number, descriptors.count(), received, attachedTo));
            }
            descriptors.close();
            received++;
            if (receiving.nextInt(30) == 0) {
                server.config().setAutoRead(false);
                server.eventLoop().execute(() -> server.config().setAutoRead(true));
            }
            arrived.release();
        }

        @Override
        public boolean takesMore() {
            return receiving.nextInt(3) != 0;
        }

        @Override
        public void framesDone() {
            // Nothing to answer.
        }

        @Override
        public void streamViolated(ProtocolViolationException cause) {
            difference.set(String.valueOf(cause.getMessage()));
        }

        @Override
        public void streamEnded() {
            // Seen by the channel's close.
        }
    }
}
