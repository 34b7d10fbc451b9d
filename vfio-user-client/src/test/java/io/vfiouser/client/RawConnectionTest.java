package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceReset;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class RawConnectionTest extends ClientTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void sendsBytesInAnyPieces() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            raw.send(bytes("01 02 03"));
            raw.send(bytes("04"));
            server.expect("01 02 03 04");
        }
        server.expectClose();
    }

    @Test
    void sendsDescriptorsWithAnyBytes() {
        try (RawConnection raw = RawConnection.connect(server.socket());
                SharedMemory memory = SharedMemory.create("raw", 4096)) {
            raw.send(bytes("ff"), FdBundle.of(memory.duplicate(), memory.duplicate()));
            server.expect("ff");
            try (FdBundle received = server.takeDescriptors()) {
                assertThat(received.count()).isEqualTo(2);
            }
        }
    }

    @Test
    void negotiatesAndReceivesMessagesAsTheyAre() {
        try (RawConnection raw = RawConnection.connect(server.socket(), OPTIONS);
                SharedMemory memory = SharedMemory.create("raw", 4096)) {
            var negotiating = beside(raw::negotiate);
            server.negotiate();
            assertThat(negotiating.join().minor()).isZero();
            raw.send(0x1234, new DeviceReset(), FdBundle.empty());
            server.expect("34 12 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("34 12 0d 00 10 00 00 00 21 00 00 00 16 00 00 00", memory.duplicate());
            try (RawFrame frame = raw.receive()) {
                assertThat(frame.hex()).isEqualTo("34120d00100000002100000016000000");
                assertThat(frame.header().errno()).isEqualTo(Errno.EINVAL);
                assertThat(frame.descriptors().count()).isEqualTo(1);
            }
        }
    }

    @Test
    void givesUpWaitingForAMessage() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            assertThatThrownBy(() -> raw.receive(SHORT))
                    .isInstanceOf(ReplyTimeoutException.class)
                    .hasMessageContaining("message from " + server.socket());
            assertThat(raw.awaitClosed(SHORT)).isFalse();
        }
    }

    @Test
    void seesTheServerClose() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            raw.send(bytes("00"));
            server.expect("00");
            server.closeClient();
            assertThat(raw.awaitClosed(LONG)).isTrue();
            assertThat(raw.isOpen()).isFalse();
            assertThatThrownBy(() -> raw.receive(LONG))
                    .isInstanceOf(ConnectionClosedException.class);
            assertThatThrownBy(() -> raw.receive(LONG))
                    .isInstanceOf(ConnectionClosedException.class);
        }
    }

    @Test
    void namesWhatBrokeTheStream() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            raw.send(bytes("00"));
            server.expect("00");
            server.send("01 00 0d 00 08 00 00 00 01 00 00 00 00 00 00 00");
            assertThatThrownBy(() -> raw.receive(LONG))
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("message size: 8");
        }
    }

    @Test
    void tellsTheServerThatNothingMoreComes() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            raw.send(bytes("00"));
            raw.shutdownOutput();
            server.expect("00");
            server.expectClose();
        }
    }

    @Test
    void freesMessagesThatNobodyTook() {
        try (RawConnection raw = RawConnection.connect(server.socket());
                SharedMemory memory = SharedMemory.create("raw", 4096)) {
            raw.send(bytes("00"));
            server.expect("00");
            server.send("34 12 0d 00 10 00 00 00 01 00 00 00 00 00 00 00", memory.duplicate());
            server.send("35 12 0d 00 10 00 00 00 01 00 00 00 00 00 00 00", memory.duplicate());
            raw.receive().close();
        }
    }

    @Test
    void doesNotReadWhileToldNotTo() {
        try (RawConnection raw = RawConnection.connect(server.socket())) {
            raw.send(bytes("00"));
            server.expect("00");
            raw.setReading(false);
            // The read that was asked for before is still made.
            server.send("33 12 0d 00 10 00 00 00 01 00 00 00 00 00 00 00");
            raw.receive().close();
            server.send("34 12 0d 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThatThrownBy(() -> raw.receive(SHORT)).isInstanceOf(ReplyTimeoutException.class);
            raw.setReading(true);
            raw.receive().close();
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }
}
