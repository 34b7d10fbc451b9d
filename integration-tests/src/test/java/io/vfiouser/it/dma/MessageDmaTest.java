package io.vfiouser.it.dma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.client.memory.DmaCall;
import io.vfiouser.client.memory.DmaDialect;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.Version;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// DMA_READ and DMA_WRITE over real sockets: testdev copies client memory by messages.
@ExtendWith(NoDescriptorLeaks.class)
class MessageDmaTest {
    private static final int BELL = DmaCommands.BAR;
    private static final long DMA = DmaCommands.REGISTER;
    private static final long SOURCE = 0x1000_0000;
    private static final long TARGET = 0x2000_0000;
    private static final int SIZE = 3 << 20;

    private final TestServer server = TestServer.start();
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("testdev", new TestDevice());
    }

    @AfterEach
    void close() {
        server.close();
    }

    /// A kind of client; its name is that of the test.
    record Kind(String name, ClientOptions options) {
        @Override
        public String toString() {
            return name;
        }

        private Stream<Kind> onEitherSocket() {
            return Stream.of(this, new Kind(name + ", twin socket", options.withTwinSocket(true)));
        }
    }

    static Stream<Kind> clients() {
        ClientOptions defaults = ClientOptions.defaults();
        return Stream.of(
                        new Kind("specification", defaults),
                        new Kind("wide, says what QEMU says", defaults.withMinorVersion(0)),
                        new Kind("100,003 bytes at a time", withLimit(defaults, 100_003)),
                        new Kind("QEMU", ClientOptions.likeQemu()),
                        new Kind("narrow unasked", defaults.withDmaDialect(DmaDialect.NARROW)))
                .flatMap(Kind::onEitherSocket);
    }

    private static ClientOptions withLimit(ClientOptions options, int bytes) {
        return options.withCapabilities(options.capabilities().withMaxDataXferSize(bytes));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("clients")
    void copiesInEveryDialectOnEitherSocket(Kind kind) {
        MemorySegment source = NativeMemory.allocate(SIZE);
        MemorySegment target = NativeMemory.allocate(SIZE);
        byte[] random = new byte[SIZE];
        new Random(6).nextBytes(random);
        source.copyFrom(MemorySegment.ofArray(random));
        try (var client = VfioUserClient.connect(socket, kind.options())) {
            client.dmaMapWithoutDescriptor(SOURCE, source, DmaFlags.READ_WRITE);
            client.dmaMapWithoutDescriptor(TARGET, target, DmaFlags.READ_WRITE);
            copy(client, 0, 0, SIZE);
            assertThat(target.mismatch(source)).isEqualTo(-1);

            target.fill((byte) 0xff);
            copy(client, 4097, 13, 1001);
            assertThat(target.asSlice(13, 1001).mismatch(source.asSlice(4097, 1001))).isEqualTo(-1);
            assertThat(onesIn(target.asSlice(0, 13))).isEqualTo(13);
            assertThat(onesIn(target.asSlice(1014))).isEqualTo(SIZE - 1014);
        }
    }

    /// Nothing in the reply to a DMA_READ of zeros tells the dialects apart.
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 8, 4096})
    void copiesWhatBeginsWithZerosForQemu(int size) {
        MemorySegment source = NativeMemory.allocate(SIZE);
        MemorySegment target = NativeMemory.allocate(SIZE);
        source.asSlice(4, SIZE - 4).fill((byte) 0x5a);
        target.fill((byte) 0xff);
        try (var client = VfioUserClient.connect(socket, ClientOptions.likeQemu())) {
            client.dmaMapWithoutDescriptor(SOURCE, source, DmaFlags.READ_ONLY);
            client.dmaMapWithoutDescriptor(TARGET, target, DmaFlags.READ_WRITE);
            copy(client, 0, 0, size);
            assertThat(target.asSlice(0, size).mismatch(source.asSlice(0, size))).isEqualTo(-1);
            assertThat(onesIn(target.asSlice(size))).isEqualTo(SIZE - size);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesCommandsInBetweenInOrder(boolean twin) throws Exception {
        var calls = new LinkedBlockingQueue<DmaCall>();
        ClientOptions options =
                ClientOptions.defaults().withDmaResponder(calls::add).withTwinSocket(twin);
        MemorySegment memory = NativeMemory.allocate(4096);
        try (var client = VfioUserClient.connect(socket, options)) {
            client.dmaMapWithoutDescriptor(SOURCE, memory, DmaFlags.READ_WRITE);
            client.dmaMapWithoutDescriptor(TARGET, memory, DmaFlags.READ_WRITE);
            var copying = client.async().regionWrite(BELL, DMA, command(SOURCE, TARGET, 4));
            DmaCall read = take(calls, new DmaRead(SOURCE, 4));
            for (int i = 0; i < 100; i++) {
                client.post(0, 8L * i, 8, i + 1);
            }
            var reading = client.async().regionRead(0, 0, 800);
            var asking = client.async().info();
            read.reply(
                    new DmaRead.Reply(SOURCE, 4, Unpooled.wrappedBuffer(new byte[] {9, 8, 7, 6})));
            DmaCall write = calls.take();
            assertThat(((DmaWrite) write.request()).address()).isEqualTo(TARGET);
            assertThat(copying).isNotDone();
            assertThat(reading).isNotDone();
            assertThat(asking).isNotDone();
            write.reply(new DmaWrite.Reply(TARGET, 4));
            copying.join();
            MemorySegment scratch = MemorySegment.ofArray(reading.join());
            for (int i = 0; i < 100; i++) {
                assertThat(scratch.get(LittleEndian.LONG, 8L * i)).isEqualTo(i + 1);
            }
            asking.join();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesTheClientsErrnoToTheDevice(boolean twin) {
        ClientOptions options = ClientOptions.defaults().withTwinSocket(twin);
        MemorySegment memory = NativeMemory.allocate(4096);
        try (var client = VfioUserClient.connect(socket, options)) {
            client.dmaMapWithoutDescriptor(SOURCE, memory, DmaFlags.READ_WRITE);
            client.memory().clear();
            assertThatThrownBy(() -> client.writeBytes(BELL, DMA, command(SOURCE, SOURCE + 64, 4)))
                    .isInstanceOfSatisfying(
                            RemoteErrorException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
            client.info();
        }
    }

    @Test
    void endsTheSessionWhenTheTwinSocketIsClosedInTheMiddle() throws Exception {
        ClientOptions options = ClientOptions.defaults().withTwinSocket(true);
        try (var raw = RawConnection.connect(socket, options)) {
            raw.send(0, new Version(0, 2, options.capabilities()), FdBundle.empty());
            try (RawFrame reply = raw.receive()) {
                FileDescriptor twin = reply.descriptors().take(0);
                map(raw, SOURCE);
                map(raw, TARGET);
                byte[] copy = command(SOURCE, TARGET, 8);
                raw.send(
                        3,
                        new RegionWrite(BELL, DMA, Unpooled.wrappedBuffer(copy)),
                        FdBundle.empty());
                twin.close();
            }
            assertThat(raw.awaitClosed(Duration.ofSeconds(20))).isTrue();
        }
        MemorySegment memory = NativeMemory.allocate(4096);
        memory.fill((byte) 0x77);
        try (var next = VfioUserClient.connect(socket)) {
            next.dmaMapWithoutDescriptor(SOURCE, memory, DmaFlags.READ_WRITE);
            next.writeBytes(BELL, DMA, command(SOURCE, SOURCE + 100, 8));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void survivesAClientThatVanishesInTheMiddle(boolean twin) throws Exception {
        var calls = new LinkedBlockingQueue<DmaCall>();
        ClientOptions options =
                ClientOptions.defaults().withDmaResponder(calls::add).withTwinSocket(twin);
        MemorySegment memory = NativeMemory.allocate(4096);
        try (var client = VfioUserClient.connect(socket, options)) {
            client.dmaMapWithoutDescriptor(SOURCE, memory, DmaFlags.READ_WRITE);
            var copying = client.async().regionWrite(BELL, DMA, command(SOURCE, SOURCE + 64, 4));
            take(calls, new DmaRead(SOURCE, 4));
            assertThat(copying).isNotDone();
        }
        try (var next = VfioUserClient.connect(socket)) {
            next.dmaMapWithoutDescriptor(SOURCE, memory, DmaFlags.READ_WRITE);
            next.writeBytes(BELL, DMA, command(SOURCE, SOURCE + 64, 4));
        }
    }

    private static void map(RawConnection raw, long iova) {
        raw.send(1, new DmaMap(DmaFlags.READ_WRITE, 0, iova, 4096), FdBundle.empty());
        raw.receive().close();
    }

    private static DmaCall take(BlockingQueue<DmaCall> calls, DmaRead expected) throws Exception {
        DmaCall call = calls.take();
        assertThat(call.request()).isEqualTo(expected);
        return call;
    }

    private static void copy(VfioUserClient client, long from, long to, long length) {
        DmaCommands.copy(client, SOURCE + from, TARGET + to, length, DmaCommands.BY_MESSAGE);
    }

    private static byte[] command(long source, long target, long length) {
        return DmaCommands.command(source, target, length, DmaCommands.BY_MESSAGE);
    }

    private static long onesIn(MemorySegment segment) {
        return segment.elements(JAVA_BYTE).filter(each -> each.get(JAVA_BYTE, 0) == -1).count();
    }
}
