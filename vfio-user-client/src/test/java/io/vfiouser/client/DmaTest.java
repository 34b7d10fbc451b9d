package io.vfiouser.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.vfiouser.client.memory.DmaCall;
import io.vfiouser.client.memory.DmaDialect;
import io.vfiouser.client.memory.DmaResponder;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/// Client memory: mapped, unmapped, and reached by messages of the server.
final class DmaTest extends ClientTest {
    private static final long IOVA = 0x10_0000;
    private static final String DMA_MAP =
            """
            01 00 02 00 30 00 00 00 00 00 00 00 00 00 00 00
            20 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00
            00 00 10 00 00 00 00 00 00 00 20 00 00 00 00 00
            """;
    private static final String DMA_MAP_REPLY = "01 00 02 00 10 00 00 00 01 00 00 00 00 00 00 00";
    private static final String DMA_READ =
            "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00";
    private static final String DMA_READ_REPLY =
            "01 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00 41 42 43 44 45 46 47 48";
    private static final String DMA_WRITE =
            "02 00 0c 00 28 00 00 00 00 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00 61 62 63 64 65 66 67 68";

    private final MemorySegment memory = NativeMemory.allocate(0x1000);

    @Test
    void sharesMemoryWithTheGoldenMessage() {
        try (VfioUserClient client = connect();
                SharedMemory shared = SharedMemory.create("ram", 0x20_0000)) {
            var mapping =
                    beside(() -> client.dmaMap(IOVA, shared, 0, 0x20_0000, DmaFlags.READ_WRITE));
            server.expect(DMA_MAP);
            try (FdBundle received = server.takeDescriptors()) {
                assertThat(received.count()).isEqualTo(1);
                assertThat(FileStatus.of(received.peek(0)).inode())
                        .isEqualTo(FileStatus.of(shared.fd()).inode());
            }
            server.send(DMA_MAP_REPLY);
            mapping.join();
            assertThat(client.memory().regions()).hasSize(1);
            server.send(DMA_WRITE);
            server.expect(
                    "02 00 0c 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
            assertThat(text(shared.segment(), 8)).isEqualTo("abcdefgh");
        }
    }

    @Test
    void forgetsMemoryThatTheServerRefuses() {
        try (VfioUserClient client = connect()) {
            var mapping =
                    beside(() -> client.dmaMapWithoutDescriptor(IOVA, memory, DmaFlags.READ_ONLY));
            server.expect(
                    """
                    01 00 02 00 30 00 00 00 00 00 00 00 00 00 00 00
                    20 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00
                    00 00 10 00 00 00 00 00 00 10 00 00 00 00 00 00
                    """);
            server.send("01 00 02 00 10 00 00 00 21 00 00 00 11 00 00 00");
            assertThatThrownBy(mapping::join)
                    .cause()
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessage("DMA_MAP: EEXIST (File exists)");
            assertThat(client.memory().regions()).isEmpty();
        }
    }

    @Test
    void withdrawsMemory() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            var unmapping = beside(() -> client.dmaUnmap(IOVA, 0x1000));
            String request =
                    """
                    01 00 03 00 28 00 00 00 00 00 00 00 00 00 00 00
                    18 00 00 00 00 00 00 00 00 00 10 00 00 00 00 00
                    00 10 00 00 00 00 00 00
                    """;
            server.expect(request);
            assertThat(client.memory().regions()).hasSize(1);
            server.send(request.replaceFirst("28 00 00 00 00", "28 00 00 00 01"));
            unmapping.join();
            assertThat(client.memory().regions()).isEmpty();
        }
    }

    @Test
    void withdrawsAllMemory() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            client.memory().add(0, memory, DmaFlags.READ_WRITE);
            var unmapping = beside(client::dmaUnmapAll);
            String request =
                    """
                    01 00 03 00 28 00 00 00 00 00 00 00 00 00 00 00
                    18 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00
                    00 00 00 00 00 00 00 00
                    """;
            server.expect(request);
            server.send(request.replaceFirst("28 00 00 00 00", "28 00 00 00 01"));
            unmapping.join();
            assertThat(client.memory().regions()).isEmpty();
        }
    }

    @Test
    void takesTheHeaderOnlyReplyOfADeviceThatUsesNoMemory() {
        try (VfioUserClient client = connect()) {
            var unmapping = beside(client::dmaUnmapAll);
            server.expect(
                    """
                    01 00 03 00 28 00 00 00 00 00 00 00 00 00 00 00
                    18 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00
                    00 00 00 00 00 00 00 00
                    """);
            server.send("01 00 03 00 10 00 00 00 01 00 00 00 00 00 00 00");
            unmapping.join();
        }
    }

    @Test
    void withdrawsMemoryAndLearnsItsDirtyPages() {
        try (VfioUserClient client = connect()) {
            var unmapping = beside(() -> client.dmaUnmapWithDirtyPages(IOVA, 0x4000, 0x1000));
            server.expect(
                    """
                    01 00 03 00 38 00 00 00 00 00 00 00 00 00 00 00
                    30 00 00 00 01 00 00 00 00 00 10 00 00 00 00 00
                    00 40 00 00 00 00 00 00 00 10 00 00 00 00 00 00
                    08 00 00 00 00 00 00 00
                    """);
            server.send(
                    """
                    01 00 03 00 40 00 00 00 01 00 00 00 00 00 00 00
                    30 00 00 00 01 00 00 00 00 00 10 00 00 00 00 00
                    00 40 00 00 00 00 00 00 00 10 00 00 00 00 00 00
                    08 00 00 00 00 00 00 00 0a 00 00 00 00 00 00 00
                    """);
            assertThat(unmapping.join().stream()).containsExactly(1, 3);
        }
    }

    @Test
    void sendsAnyDescriptorsWithAnyMap() {
        try (VfioUserClient client = connect();
                SharedMemory shared = SharedMemory.create("ram", 4096)) {
            var mapping =
                    client.async()
                            .dmaMap(
                                    new DmaMap(DmaFlags.READ_WRITE, 0, IOVA, 0x20_0000),
                                    FdBundle.of(shared.duplicate(), shared.duplicate()));
            server.expect(DMA_MAP);
            try (FdBundle received = server.takeDescriptors()) {
                assertThat(received.count()).isEqualTo(2);
            }
            server.send(DMA_MAP_REPLY);
            mapping.join();
        }
    }

    @Test
    void answersWhileACommandIsUnderWay() {
        try (VfioUserClient client = connect()) {
            memory.copyFrom(MemorySegment.ofArray("ABCDEFGH".getBytes(StandardCharsets.US_ASCII)));
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send(DMA_READ);
            server.expect(DMA_READ_REPLY);
            assertThat(resetting).isNotDone();
            server.send("01 00 0d 00 10 00 00 00 01 00 00 00 00 00 00 00");
            resetting.join();
        }
    }

    @Test
    void answersInTheDialectOfQemu() {
        try (VfioUserClient client = connect(OPTIONS.withDmaDialect(DmaDialect.NARROW))) {
            memory.copyFrom(MemorySegment.ofArray("ABCDEFGH".getBytes(StandardCharsets.US_ASCII)));
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            server.send(DMA_READ);
            server.expect(
                    "01 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 10 00 00 00 00 00 08 00 00 00"
                            + "41 42 43 44 45 46 47 48 00 00 00 00");
            server.send(DMA_WRITE);
            server.expect("02 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThat(text(memory, 8)).isEqualTo("\0\0\0\0abcd");
            server.send(DMA_READ.replace("00 00 10 00", "00 00 90 00"));
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 13 00 00 00");
        }
    }

    @Test
    void reachesMemoryThatLiesInTwoRegions() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory.asSlice(0, 3), DmaFlags.READ_WRITE);
            client.memory().add(IOVA + 3, memory.asSlice(0x100, 0x100), DmaFlags.READ_WRITE);
            server.send(DMA_WRITE);
            server.expect(
                    "02 00 0c 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
            assertThat(text(memory, 3)).isEqualTo("abc");
            assertThat(text(memory.asSlice(0x100), 5)).isEqualTo("defgh");
        }
    }

    @Test
    void refusesAddressesInNoRegion() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory.asSlice(0, 7), DmaFlags.READ_WRITE);
            server.send(DMA_READ);
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 13 00 00 00");
        }
    }

    @Test
    void refusesWhatTheFlagsForbid() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory, DmaFlags.READ_ONLY);
            server.send(DMA_WRITE);
            server.expect("02 00 0c 00 10 00 00 00 21 00 00 00 01 00 00 00");
        }
    }

    @Test
    void refusesMemoryThatIsGone() {
        try (VfioUserClient client = connect()) {
            SharedMemory shared = SharedMemory.create("ram", 0x1000);
            client.memory().add(IOVA, shared.segment(), DmaFlags.READ_WRITE);
            shared.close();
            server.send(DMA_READ);
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 0e 00 00 00");
        }
    }

    @Test
    void refusesMoreDataThanItAnnounced() {
        try (VfioUserClient client = connect()) {
            server.send(DMA_READ.replace("08 00 00 00 00 00 00 00", "01 00 10 00 00 00 00 00"));
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 07 00 00 00");
            server.send(DMA_READ.replace("08 00 00 00 00 00 00 00", "00 00 00 00 00 00 00 80"));
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 07 00 00 00");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void refusesUnknownCommands() {
        try (VfioUserClient client = connect()) {
            server.send("05 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.expect("05 00 0d 00 10 00 00 00 21 00 00 00 26 00 00 00");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void refusesDescriptorsAndShortMessages() {
        try (VfioUserClient client = connect();
                SharedMemory shared = SharedMemory.create("stray", 4096)) {
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            server.send(DMA_READ, shared.duplicate());
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 16 00 00 00");
            server.send("03 00 0b 00 14 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.expect("03 00 0b 00 10 00 00 00 21 00 00 00 16 00 00 00");
        }
    }

    @Test
    void answersNothingWhereNoReplyIsWanted() {
        try (VfioUserClient client = connect()) {
            client.memory().add(IOVA, memory, DmaFlags.READ_WRITE);
            server.send(DMA_WRITE.replaceFirst("28 00 00 00 00", "28 00 00 00 10"));
            server.send("05 00 0d 00 10 00 00 00 10 00 00 00 00 00 00 00");
            server.send(DMA_READ);
            server.expect(
                    DMA_READ_REPLY.replace("41 42 43 44 45 46 47 48", "61 62 63 64 65 66 67 68"));
        }
    }

    @Test
    void letsAResponderAnswerLateTwiceAndWrongly() throws InterruptedException {
        var calls = new LinkedBlockingQueue<DmaCall>();
        try (VfioUserClient client = connect(OPTIONS.withDmaResponder(calls::add))) {
            server.send(DMA_WRITE);
            DmaCall call = calls.take();
            assertThat(call.messageId()).isEqualTo(2);
            var write = (DmaWrite) call.request();
            assertThat(write.data().toString(StandardCharsets.US_ASCII)).isEqualTo("abcdefgh");
            call.reply(new DmaWrite.Reply(IOVA, 3));
            server.expect(
                    "02 00 0c 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 10 00 00 00 00 00 03 00 00 00 00 00 00 00");
            call.refuse(Errno.EIO);
            server.expect("02 00 0c 00 10 00 00 00 21 00 00 00 05 00 00 00");
            call.replyRaw(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
            server.expect("01 02 03");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void dropsAnswersAfterTheEnd() throws InterruptedException {
        var calls = new LinkedBlockingQueue<DmaCall>();
        VfioUserClient client = connect(OPTIONS.withDmaResponder(calls::add));
        server.send(DMA_READ);
        DmaCall call = calls.take();
        client.close();
        var data = Unpooled.copiedBuffer("ABCDEFGH", StandardCharsets.US_ASCII);
        call.reply(new DmaRead.Reply(IOVA, 8, data));
        assertThat(data.refCnt()).isZero();
        server.expectClose();
        assertThat(server.unreadBytes()).isZero();
    }

    @Test
    void letsAResponderAnswerWithBulkData() throws InterruptedException {
        var calls = new LinkedBlockingQueue<DmaCall>();
        try (VfioUserClient client = connect(OPTIONS.withDmaResponder(calls::add))) {
            server.send(DMA_READ);
            var data = Unpooled.copiedBuffer("ABCDEFGH", StandardCharsets.US_ASCII);
            calls.take().reply(new DmaRead.Reply(IOVA, 8, data));
            server.expect(DMA_READ_REPLY);
            assertThat(data.refCnt()).isZero();
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void answersForAResponderThatThrows() {
        DmaResponder broken =
                call -> {
                    throw new IllegalStateException("responder of a test");
                };
        try (VfioUserClient client = connect(OPTIONS.withDmaResponder(broken))) {
            server.send(DMA_READ);
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 05 00 00 00");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void refusesEverythingIfTold() {
        var refusing = DmaResponder.refusing(Errno.ENOMEM);
        try (VfioUserClient client = connect(OPTIONS.withDmaResponder(refusing))) {
            server.send(DMA_READ);
            server.expect("01 00 0b 00 10 00 00 00 21 00 00 00 0c 00 00 00");
            assertThat(client.isOpen()).isTrue();
        }
    }

    private static String text(MemorySegment segment, int size) {
        return new String(segment.asSlice(0, size).toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
    }
}
