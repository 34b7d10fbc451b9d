package io.vfiouser.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.blocktest.TestRequest;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoDescriptorLeaks.class)
class NbdBackendTest {
    private static final int SIZE = 512 * 1024;
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final MemorySegment PAGE = NativeMemory.allocate(4096).fill((byte) 5);

    private TestNbdServer server;

    /// The JDK keeps a descriptor for ever once a socket was closed that a thread waits on.
    @BeforeAll
    static void closeOneSocket() throws IOException {
        try (var first = new TestNbdServer(512);
                var backend = NbdBackend.connect(NbdSettings.of(first.uri()))) {
            first.dropClients();
            assertThat(backend.properties().capacityBytes()).isEqualTo(512);
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new TestNbdServer(SIZE);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void holdsWhatIsWritten(boolean structured) {
        server.structured = structured;
        try (var backend = connect(LONG, LONG)) {
            new BackendModel(backend, 1).run(40);
        }
    }

    @Test
    void saysWhatTheServerCanDo() {
        try (var backend = connect(LONG, LONG)) {
            BlockProperties properties = backend.properties();
            assertThat(properties.capacityBytes()).isEqualTo(SIZE);
            assertThat(properties.blockSize()).isEqualTo(512);
            assertThat(properties.volatileWriteCache()).isTrue();
            assertThat(properties.writeZeroes()).isTrue();
            assertThat(properties.deallocate()).isTrue();
        }
    }

    @Test
    void aServerThatCanDoNothingIsHelped() {
        server.flags = NbdWire.SEND_HAS_FLAGS | NbdWire.SEND_FLUSH;
        try (var backend = connect(LONG, LONG)) {
            new BackendModel(backend, 2).run(10);
            server.commands.clear();
            assertThat(TestRequest.write(0, PAGE, true).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(server.commands).containsExactly("1:0:4096", "3:0:0");
            server.commands.clear();
            assertThat(TestRequest.zeroing(0, 128 * 1024, true).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.deallocating(0, 4096).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(server.commands).containsExactly("1:0:65536", "1:0:65536");
        }
    }

    @Test
    void flagsTravelAlong() {
        server.flags &= ~NbdWire.CAN_MULTI_CONN;
        try (var backend = connect(LONG, LONG)) {
            assertThat(TestRequest.write(0, PAGE, true).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.zeroing(0, 512, false).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.zeroing(0, 512, true).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(server.commands).containsExactly("1:1:4096", "6:2:512", "6:0:512", "3:0:0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 12, 22, 28, 75, 95, 9999})
    void errorsOfTheServerEndOneRequest(int error) {
        server.behaviour =
                (self, command, out) -> {
                    if (command.type() == NbdWire.CMD_READ) {
                        TestNbdServer.simple(out, command.cookie(), error);
                    } else {
                        TestNbdServer.serve(self, command, out);
                    }
                };
        try (var backend = connect(LONG, LONG)) {
            assertThat(TestRequest.read(0, PAGE).run(backend)).isEqualTo(NbdErrors.status(error));
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    /// What a hostile server may answer to a read of 4096 bytes at 4096.
    enum Nonsense {
        MAGIC,
        COOKIE,
        SIMPLE_FOR_STRUCTURED,
        BELOW,
        BEYOND,
        TWICE,
        HALF,
        HOLE_BEYOND,
        HUGE_ERROR,
        UNKNOWN_TYPE,
        EMPTY_WITHOUT_END;

        void send(TestNbdServer.Command command, DataOutputStream out) throws IOException {
            long cookie = command.cookie();
            switch (this) {
                case MAGIC -> out.writeInt(0x12345678);
                case COOKIE -> TestNbdServer.simple(out, cookie + 77, 0);
                case SIMPLE_FOR_STRUCTURED -> {
                    TestNbdServer.simple(out, cookie, 0);
                    out.write(new byte[4096]);
                }
                case BELOW -> data(out, cookie, 1, 4095, 4096);
                case BEYOND -> data(out, cookie, 1, 4096, 4097);
                case TWICE -> {
                    data(out, cookie, 0, 4096, 4096);
                    data(out, cookie, 1, 5000, 100);
                }
                case HALF -> data(out, cookie, 1, 4096, 2048);
                case HOLE_BEYOND -> {
                    TestNbdServer.chunk(out, 1, NbdWire.REPLY_OFFSET_HOLE, cookie, 12);
                    out.writeLong(4096);
                    out.writeInt(-1);
                }
                case HUGE_ERROR -> TestNbdServer.chunk(out, 1, 0x8001, cookie, 1 << 30);
                case UNKNOWN_TYPE -> TestNbdServer.chunk(out, 1, 99, cookie, 0);
                case EMPTY_WITHOUT_END -> TestNbdServer.chunk(out, 0, 0, cookie, 0);
            }
        }

        private static void data(
                DataOutputStream out, long cookie, int flags, long offset, int length)
                throws IOException {
            TestNbdServer.chunk(out, flags, NbdWire.REPLY_OFFSET_DATA, cookie, 8 + length);
            out.writeLong(offset);
            out.write(new byte[length]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nonsenseCostsTheConnectionAndNothingElse(Nonsense nonsense) {
        var left = new AtomicInteger(1);
        server.behaviour =
                (self, command, out) -> {
                    if (command.type() == NbdWire.CMD_READ && left.getAndDecrement() > 0) {
                        nonsense.send(command, out);
                    } else {
                        TestNbdServer.serve(self, command, out);
                    }
                };
        try (var backend = connect(LONG, LONG)) {
            assertThat(TestRequest.write(4096, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
            MemorySegment around = NativeMemory.allocate(3 * 4096).fill((byte) 9);
            assertThat(TestRequest.read(4096, around.asSlice(4096, 4096)).run(backend))
                    .isEqualTo(BlockStatus.OK);
            assertThat(around.asSlice(4096, 4096).mismatch(PAGE)).isEqualTo(-1);
            assertThat(around.asSlice(0, 4096).mismatch(around.asSlice(8192))).isEqualTo(-1);
        }
    }

    @Test
    void aServerThatGoesAndComesBackIsNotNoticed() throws IOException {
        try (var backend = connect(LONG, LONG)) {
            var model = new BackendModel(backend, 3);
            for (int i = 0; i < 5; i++) {
                server.dropClients();
                model.run(5);
            }
            int port = server.port();
            byte[] disk = server.disk;
            server.close();
            TestRequest request = TestRequest.read(0, NativeMemory.allocate(512));
            request.submitTo(backend);
            backend.submitted();
            server = new TestNbdServer(disk, port);
            assertThat(request.await()).isEqualTo(BlockStatus.OK);
            model.run(5);
        }
    }

    @Test
    void aServerThatStaysAwayIsAMediaErrorUntilItIsBack() throws IOException {
        try (var backend = connect(LONG, Duration.ofMillis(150))) {
            int port = server.port();
            server.close();
            assertThat(TestRequest.read(0, NativeMemory.allocate(512)).run(backend))
                    .isEqualTo(BlockStatus.MEDIA_ERROR);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.MEDIA_ERROR);
            server = new TestNbdServer(server.disk, port);
            BlockStatus status = BlockStatus.MEDIA_ERROR;
            long deadline = System.nanoTime() + LONG.toNanos();
            while (!status.isOk() && System.nanoTime() < deadline) {
                status = TestRequest.flushing().run(backend);
            }
            assertThat(status).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsLeft() {
        var left = new AtomicInteger(2);
        server.behaviour =
                (self, command, out) -> {
                    if (left.getAndDecrement() <= 0) {
                        TestNbdServer.serve(self, command, out);
                    }
                };
        try (var backend = connect(Duration.ofMillis(100), LONG)) {
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void aServerThatNeverAnswersIsAMediaError() {
        server.behaviour = (_, _, _) -> {};
        try (var backend = connect(Duration.ofMillis(60), Duration.ofMillis(200))) {
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.MEDIA_ERROR);
        }
    }

    @Test
    void aServerThatGoesDownIsAskedAgain() {
        var left = new AtomicInteger(1);
        server.behaviour =
                (self, command, out) -> {
                    if (left.getAndDecrement() > 0) {
                        TestNbdServer.simple(out, command.cookie(), NbdErrors.SHUTDOWN);
                    } else {
                        TestNbdServer.serve(self, command, out);
                    }
                };
        try (var backend = connect(LONG, LONG)) {
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void aServerThatIsAlwaysGoingDownIsAskedLessAndLessOften() {
        server.flags &= ~NbdWire.CAN_MULTI_CONN;
        server.behaviour =
                (_, command, out) ->
                        TestNbdServer.simple(out, command.cookie(), NbdErrors.SHUTDOWN);
        try (var backend = connect(LONG, Duration.ofMillis(300))) {
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.MEDIA_ERROR);
        }
        assertThat(server.commands).as("with pauses of 20, 40, 80, 160 ms").hasSizeLessThan(12);
    }

    /// A flush on one connection covers the others no more.
    @Test
    void aServerThatComesBackForOneConnectionOnlyGetsOne() throws IOException {
        try (var backend = connect(LONG, LONG)) {
            awaitClients(4);
            server.flags &= ~NbdWire.CAN_MULTI_CONN;
            server.dropClients();
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
            awaitClients(1);
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);

            server.flags |= NbdWire.CAN_MULTI_CONN;
            server.dropClients();
            awaitClients(4);
        }
    }

    private void awaitClients(int count) {
        while (server.clients() != count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void onlySoManyGapsAreRemembered() {
        var coverage = new Coverage();
        assertThat(coverage.add(0, 0)).as("nothing").isFalse();
        int pieces = 0;
        while (coverage.add(2L * pieces + 1, 1)) {
            pieces++;
        }
        assertThat(pieces).isEqualTo(4096);
    }

    @Test
    void anExportThatGrewIsTold() throws IOException {
        try (var backend = connect(LONG, LONG)) {
            List<Long> told = new ArrayList<>();
            backend.onResize(told::add);
            server.size = SIZE / 2;
            server.dropClients();
            assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(told).containsExactly(SIZE / 2L);
            assertThat(TestRequest.read(SIZE / 2, PAGE).run(backend))
                    .isEqualTo(BlockStatus.OUT_OF_RANGE);
        }
    }

    @Test
    void memoryThatItsOwnerCutShortEndsOneRequest() {
        var guest = SharedMemory.create("guest", 8192);
        MemorySegment lost = guest.segment();
        guest.close();
        try (var backend = connect(LONG, LONG)) {
            assertThat(TestRequest.write(0, lost).run(backend)).isEqualTo(BlockStatus.MEMORY_FAULT);
            assertThat(TestRequest.write(0, PAGE).run(backend)).isEqualTo(BlockStatus.OK);
            assertThat(TestRequest.read(0, lost).run(backend)).isEqualTo(BlockStatus.MEMORY_FAULT);
            assertThat(TestRequest.read(0, NativeMemory.allocate(512)).run(backend))
                    .isEqualTo(BlockStatus.OK);
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        server.behaviour = (_, _, _) -> {};
        var backend = connect(LONG, LONG);
        TestRequest sent = TestRequest.write(0, PAGE).submitTo(backend);
        backend.submitted();
        TestRequest gathered = TestRequest.flushing().submitTo(backend);
        backend.close();
        backend.close();
        assertThat(sent.await()).isEqualTo(BlockStatus.CANCELLED);
        assertThat(gathered.await()).isEqualTo(BlockStatus.CANCELLED);
        assertThat(TestRequest.flushing().run(backend)).isEqualTo(BlockStatus.CANCELLED);
    }

    @Test
    void anExportThatIsNotThereIsSaidSo() {
        String uri = server.uri().replace("disk", "tape");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdBackend.connect(NbdSettings.of(uri)).close())
                .withMessage(
                        "uri: %s: option 7: no such export: what is that?? (expected: an NBD server"
                                + " with that export)",
                        uri);
    }

    @Test
    void anExportThatMakesNoSenseIsRefused() {
        server.size = -512;
        assertRefused("export size: 0xfffffffffffffe00 (expected: less than 2^63)");
        server.size = SIZE;
        server.minimum = 3;
        assertRefused("minimum block size: 3 (expected: a power of two up to 65536)");
        server.minimum = 512;
        server.maximum = 0;
        assertRefused("maximum payload: 0 (expected: at least 512)");
        server.maximum = 4096;
        server.flags = 0;
        assertRefused("transmission flags: 0x0 (expected: bit 0 set)");
    }

    @Test
    void noServerIsSaidSo() throws IOException {
        String uri = server.uri();
        server.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdBackend.connect(NbdSettings.of(uri)).close())
                .withMessageContaining(uri + ": Connection refused");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        NbdBackend.connect(NbdSettings.of("nbd+unix:///?socket=/nowhere/sock"))
                                .close())
                .withMessageContaining("nowhere/sock: no such socket");
    }

    private void assertRefused(String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NbdBackend.connect(NbdSettings.of(server.uri())).close())
                .withMessageContaining(why);
    }

    private NbdBackend connect(Duration timeout, Duration reconnect) {
        return NbdBackend.connect(NbdSettings.of(server.uri()).withTimes(timeout, reconnect));
    }
}
