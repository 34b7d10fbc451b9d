package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.ReplyTimeoutException;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Command;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that stop to send, to read or to answer, at every stage. That they are sent away in the
/// end is in `it.fault.SilentClientTest` and `LimitsTest`.
@ExtendWith(NoDescriptorLeaks.class)
class SilentClientsTest {
    private static final byte[] VERSION = Wire.version("{\"capabilities\":{}}");

    private final CrowdedLoop loop = CrowdedLoop.start();

    @AfterEach
    void close() {
        loop.close();
    }

    @ParameterizedTest(name = "after {0} bytes of VERSION")
    @ValueSource(ints = {0, 1, 15, 16, 17, 30})
    void beforeItHasNegotiated(int bytes) throws Exception {
        loop.during(() -> {
            try (var client = loop.connect()) {
                if (bytes > 0) {
                    client.send(Arrays.copyOf(VERSION, bytes));
                }
                loop.letOthersWork();
            }
        });
    }

    @ParameterizedTest(name = "after {0} bytes of a write")
    @ValueSource(ints = {1, 8, 15, 16, 31, 32, 100})
    void insideACommand(int bytes) throws Exception {
        byte[] write = Wire.write(1, 1, 0, new byte[1000]);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                client.send(Arrays.copyOf(write, bytes));
                loop.letOthersWork();
            }
        });
    }

    @Test
    void insideAMapWithItsDescriptor() throws Exception {
        byte[] map = Wire.map(1, 3, 0, 0x1000, 0x1000);
        try (var memory = SharedMemory.create("hostile", 0x1000)) {
            var _ = memory.fd();
            loop.during(() -> {
                for (int bytes = 1; bytes < map.length; bytes += 5) {
                    try (var client = loop.negotiated()) {
                        client.send(Arrays.copyOf(map, bytes), FdBundle.of(memory.duplicate()));
                    }
                }
                try (var client = loop.negotiated()) {
                    client.send(Arrays.copyOf(map, 20), FdBundle.of(memory.duplicate()));
                    loop.letOthersWork();
                }
            });
        }
    }

    @Test
    void thatNeverReads() throws Exception {
        byte[] reads = Wire.repeated(Wire.read(1, 1, 0, 0x1_0000), 64);
        loop.during(() -> {
            try (var client = impatient()) {
                client.negotiate();
                client.setReading(false);
                assertThatExceptionOfType(ReplyTimeoutException.class)
                        .isThrownBy(() -> {
                            for (int i = 0; i < 1000; i++) {
                                client.send(reads);
                            }
                        })
                        .withMessageContaining("room in the socket");
                loop.letOthersWork();
            }
        });
    }

    @Test
    void thatNeverAnswersADmaRead() throws Exception {
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                client.send(Wire.map(1, 3, 0, 0x1000, 0x1000));
                client.receive().close();
                client.send(
                        Wire.write(
                                2,
                                DmaCommands.BAR,
                                DmaCommands.REGISTER,
                                DmaCommands.command(0x1000, 0x1800, 64, DmaCommands.BY_MESSAGE)));
                try (var request = client.receive()) {
                    assertThat(request.header().commandId()).isEqualTo(Command.DMA_READ.id());
                }
                loop.letOthersWork();
            }
        });
    }

    @Test
    void aSecondClientWhileTheFirstIsThere() throws Exception {
        loop.during(() -> {
            try (var first = loop.client();
                    var second = loop.connect()) {
                second.send(VERSION);
                loop.letOthersWork();
                assertThat(first.read(0, 0, 4)).isZero();
                assertThat(second.isOpen()).isTrue();
            }
        });
    }

    private RawConnection impatient() {
        var options = loop.options().withTimeout(Duration.ofMillis(500));
        return RawConnection.connect(loop.socket(), options);
    }
}
