package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.RawConnection;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers to DMA_READ that are late, come twice, or are not what was asked for.
@ExtendWith(NoDescriptorLeaks.class)
class HostileRepliesTest {
    private static final long IOVA = 0x10_0000;
    private static final int LENGTH = 64;
    private static final int ERROR = 0x20;
    private static final int EIO = Errno.EIO.number();
    private static final int ETIMEDOUT = Errno.ETIMEDOUT.number();

    private final CrowdedLoop loop =
            CrowdedLoop.start(
                    ServerOptions.defaults()
                            .withLimits(
                                    Limits.defaults()
                                            .with(Limit.PEER_CALL_TIMEOUT, Duration.ofMillis(300))),
                    new TestDevice());

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void thatComeTooLateAreDropped() throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                int id = takeRequest(client);
                assertThat(takeCopied(client)).isEqualTo(ETIMEDOUT);
                client.send(data(id, LENGTH, LENGTH));
                client.send(data(id, LENGTH, LENGTH));
                assertStillWorks(client);
            }
        });
    }

    @Test
    void thatComeTwiceCountOnce() throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                int id = takeRequest(client);
                client.send(Wire.repeated(data(id, LENGTH, LENGTH), 2));
                finishWrite(client);
                assertStillWorks(client);
            }
        });
    }

    @Test
    void thatNobodyWaitsForAreDropped() throws Exception {
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < 50; i++) {
                    client.send(Wire.repeated(data(i, 4, 4), 1000));
                }
                assertStillWorks(client);
            }
        });
    }

    /// Bytes that are there, and bytes that the count says.
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 64", "64, 65", "64, 0xffffffff", "64, -1", "65, 65", "100000, 100000"})
    void ofAnotherSizeFailThatTransfer(int bytes, String count) throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                int id = takeRequest(client);
                client.send(data(id, bytes, Long.decode(count)));
                assertThat(takeCopied(client)).isEqualTo(EIO);
                assertStillWorks(client);
            }
        });
    }

    @Test
    void withLessThanAskedForAreAskedForTheRest() throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                for (int i = 0; i < LENGTH; i++) {
                    client.send(piece(takeRequest(client), i));
                }
                finishWrite(client);
                assertStillWorks(client);
            }
        });
    }

    @ParameterizedTest(name = "an error of {0}")
    @ValueSource(ints = {0, 1, 13, 4095, 4096, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void thatAreErrorsFailThatTransfer(int error) throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                int id = takeRequest(client);
                byte[] refusal = Wire.message(id, Command.DMA_READ.id(), 16, Wire.REPLY | ERROR);
                for (int i = 0; i < 4; i++) {
                    refusal[12 + i] = (byte) (error >> (8 * i));
                }
                client.send(refusal);
                assertThat(takeCopied(client)).isBetween(1, 4095);
                assertStillWorks(client);
            }
        });
    }

    /// The size of a piece cannot be 0, so there is no endless loop of them.
    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void noTransferAtAll(long maxDataXferSize) throws Exception {
        byte[] version =
                Wire.version("{\"capabilities\":{\"max_data_xfer_size\":" + maxDataXferSize + "}}");
        loop.during(() -> {
            try (var client = loop.connect()) {
                client.send(version);
                assertThat(client.awaitClosed(CrowdedLoop.AMPLE)).isTrue();
            }
        });
    }

    @Test
    void aByteAtATimeTakesThatClientsTimeOnly() throws Exception {
        byte[] version = Wire.version("{\"capabilities\":{\"max_data_xfer_size\":1}}");
        loop.during(() -> {
            try (var client = loop.connect()) {
                client.send(version);
                client.receive().close();
                map(client);
                sendCopy(client);
                for (int i = 0; i < LENGTH; i++) {
                    client.send(piece(takeRequest(client), i));
                }
                loop.letOthersWork();
            }
        });
    }

    /// The unmap waits for the transfer, which ends as if nothing had happened.
    @Test
    void thatComeAfterAnUnmapOfTheMemoryAreTaken() throws Exception {
        loop.during(() -> {
            try (var client = mapped()) {
                int id = takeRequest(client);
                client.send(Wire.unmap(3, 0, IOVA, 0x1000));
                client.send(Wire.unmap(4, 0, IOVA, 0x1000));
                loop.letOthersWork();
                client.send(data(id, LENGTH, LENGTH));
                finishWrite(client);
                assertThat(takeErrno(client, 3)).isZero();
                assertThat(takeErrno(client, 4)).isEqualTo(Errno.ENOENT.number());
                assertStillWorks(client);
            }
        });
    }

    /// A client with memory that is reached by messages, which has had the device copy some of it.
    private RawConnection mapped() {
        RawConnection client = loop.negotiated();
        map(client);
        sendCopy(client);
        return client;
    }

    private static void map(RawConnection client) {
        client.send(Wire.map(1, 3, 0, IOVA, 0x1000));
        client.receive().close();
    }

    private static void sendCopy(RawConnection client) {
        byte[] copy = DmaCommands.command(IOVA, IOVA + 0x800, LENGTH, DmaCommands.BY_MESSAGE);
        client.send(Wire.write(2, DmaCommands.BAR, DmaCommands.REGISTER, copy));
    }

    /// The id of the request that comes next.
    private static int takeRequest(RawConnection client) {
        try (var request = client.receive()) {
            assertThat(request.header().commandId()).isEqualTo(Command.DMA_READ.id());
            return request.header().messageId();
        }
    }

    /// The errno of the copy, 0 if it was done.
    private static int takeCopied(RawConnection client) {
        return takeErrno(client, 2);
    }

    private static int takeErrno(RawConnection client, int id) {
        try (var reply = client.receive()) {
            assertThat(reply.header().messageId()).isEqualTo(id);
            return reply.header().isError() ? reply.header().error() : 0;
        }
    }

    private static void finishWrite(RawConnection client) {
        try (var request = client.receive()) {
            assertThat(request.header().commandId()).isEqualTo(Command.DMA_WRITE.id());
            ByteBuf body = Unpooled.buffer();
            body.writeLongLE(IOVA + 0x800).writeLongLE(LENGTH);
            client.send(
                    Wire.message(
                            request.header().messageId(),
                            Command.DMA_WRITE.id(),
                            32,
                            Wire.REPLY,
                            ByteBufUtil.getBytes(body)));
        }
        assertThat(takeCopied(client)).isZero();
    }

    private static void assertStillWorks(RawConnection client) {
        client.send(Wire.read(77, 0, 0, 4));
        try (var reply = client.receive()) {
            assertThat(reply.header().messageId()).isEqualTo(77);
            assertThat(reply.header().isError()).isFalse();
        }
    }

    /// A reply to DMA_READ with one byte.
    private static byte[] piece(int id, int position) {
        byte[] reply = data(id, 1, 1);
        MemorySegment.ofArray(reply).set(LittleEndian.LONG, 16, IOVA + position);
        return reply;
    }

    /// A reply to DMA_READ.
    ///
    /// @param bytes that are there
    /// @param count what it says how many there are
    private static byte[] data(int id, int bytes, long count) {
        ByteBuf body = Unpooled.buffer();
        body.writeLongLE(IOVA).writeLongLE(count).writeZero(bytes);
        return Wire.message(
                id, Command.DMA_READ.id(), 32L + bytes, Wire.REPLY, ByteBufUtil.getBytes(body));
    }
}
