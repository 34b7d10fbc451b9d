package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.SubRegionFd;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RegionAccessTest extends ClientTest {
    @Test
    void postsTheGoldenWriteAndReadsAfterIt() {
        try (VfioUserClient client = connect()) {
            client.post(0, 0x10, 4, 0xdead_beefL);
            client.post(0, 0x14, 2, 0x1234);
            var reading = beside(() -> client.read(0, 0x10, 4));
            server.expect(
                    "01 00 0a 00 24 00 00 00 10 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 ef be ad de");
            server.expect(
                    "02 00 0a 00 22 00 00 00 10 00 00 00 00 00 00 00"
                            + "14 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00 34 12");
            server.expect(
                    "03 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00");
            server.send(
                    "03 00 09 00 24 00 00 00 01 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 ef be ad de");
            assertThat(reading.join()).isEqualTo(0xdead_beefL);
        }
    }

    @Test
    void keepsTheOrderOfPostsThatTheSocketHasNoRoomFor() {
        try (VfioUserClient client = connect()) {
            server.setReading(false);
            var data = new byte[0x4000];
            for (int i = 1; i <= 16; i++) {
                data[0] = (byte) i;
                var _ = client.async().regionPost(0, 0, data.clone());
            }
            server.setReading(true);
            String rest = "00".repeat(0x4000 - 1);
            for (int i = 1; i <= 16; i++) {
                server.expect(
                        "%1$02x 00 0a 00 20 40 00 00 10 00 00 00 00 00 00 00".formatted(i)
                                + "00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00"
                                + "%02x".formatted(i)
                                + rest);
            }
        }
    }

    @Test
    void writesAndWaits() {
        try (VfioUserClient client = connect()) {
            var writing = beside(() -> client.write(2, 0x0, 1, 0xff));
            server.expect(
                    "01 00 0a 00 21 00 00 00 00 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 02 00 00 00 01 00 00 00 ff");
            server.send(
                    "01 00 0a 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 02 00 00 00 01 00 00 00");
            writing.join();
        }
    }

    @Test
    void namesAWriteThatWasCutShort() {
        try (VfioUserClient client = connect()) {
            var writing = beside(() -> client.write(2, 0x0, 2, 0x1234));
            server.expect(
                    "01 00 0a 00 22 00 00 00 00 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 02 00 00 00 02 00 00 00 34 12");
            server.send(
                    "01 00 0a 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 02 00 00 00 01 00 00 00");
            assertThatThrownBy(writing::join)
                    .hasRootCauseMessage("REGION_WRITE: count 1 in the reply (expected: 2)");
        }
    }

    @Test
    void takesTheHeaderOnlyRepliesToEmptyAccesses() {
        try (VfioUserClient client = connect()) {
            var reading = client.async().regionRead(0, 0, 0);
            server.expect(
                    "01 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 09 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThat(reading.join()).isEmpty();
            var writing = client.async().regionWrite(0, 0, new byte[0]);
            server.expect(
                    "02 00 0a 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.send("02 00 0a 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThat(writing.join()).isZero();
        }
    }

    @Test
    void refusesWidthsThatNoRegisterHas() {
        try (VfioUserClient client = connect()) {
            assertThatThrownBy(() -> client.read(0, 0, 3))
                    .hasMessage("width: 3 (expected: 1, 2, 4 or 8)");
            assertThatThrownBy(() -> client.write(0, 0, 16, 0))
                    .hasMessage("width: 16 (expected: 1, 2, 4 or 8)");
        }
    }

    @Test
    void writesSeveralValuesInOneMessage() {
        try (VfioUserClient client = connect()) {
            var writes =
                    List.of(
                            new RegionWriteMulti.Write(0, 0x10, 4, 0xdead_beefL),
                            new RegionWriteMulti.Write(1, 0x20, 1, 0x7f));
            var writing = beside(() -> client.writeMulti(writes));
            server.expect(
                    "01 00 0f 00 48 00 00 00 00 00 00 00 00 00 00 00"
                            + "02 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00"
                            + "ef be ad de 00 00 00 00"
                            + "20 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00"
                            + "7f 00 00 00 00 00 00 00");
            server.send("01 00 0f 00 18 00 00 00 01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00");
            assertThat(writing.join()).isEqualTo(1);
        }
    }

    @Test
    void takesTheDescriptorsThatReplaceMessages() {
        try (VfioUserClient client = connect();
                EventFd bell = EventFd.create()) {
            var asking = client.async().regionIoFds(0);
            server.expect(
                    "01 00 06 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.send(
                    "01 00 06 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "40 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00");
            server.expect(
                    "02 00 06 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.send(
                    "02 00 06 00 50 00 00 00 01 00 00 00 00 00 00 00"
                            + "40 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00"
                            + "00 10 00 00 00 00 00 00 04 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00"
                            + "00 00 00 00 00 00 00 00 2a 00 00 00 00 00 00 00",
                    Descriptors.duplicate(bell.fd()));
            try (RegionIoFds fds = asking.join();
                    EventFd received = EventFd.adopt(fds.descriptors().take(0))) {
                assertThat(fds.entries())
                        .containsExactly(
                                new SubRegionFd(0x1000, 4, 0, SubRegionFd.IOEVENTFD, 1, 0, 0, 42));
                received.signal();
                assertThat(bell.drain()).isEqualTo(1);
            }
        }
    }

    @Test
    void readsWhatTheDeviceIs() {
        try (VfioUserClient client = connect()) {
            var asking = beside(client::info);
            server.expect(
                    "01 00 04 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
            server.send(
                    "01 00 04 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "10 00 00 00 03 00 00 00 09 00 00 00 05 00 00 00");
            var info = asking.join();
            assertThat(info.pci()).isTrue();
            assertThat(info.resettable()).isTrue();
            assertThat(info.regionCount()).isEqualTo(9);
            assertThat(info.irqCount()).isEqualTo(5);
        }
    }

    @Test
    void writesValuesLittleEndian() {
        assertThat(Values.toBytes(0x0102_0304_0506_0708L, 8))
                .containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(Values.fromBytes(new byte[] {(byte) 0xff, (byte) 0x80})).isEqualTo(0x80ff);
        assertThat(Values.fromBytes(new byte[8])).isZero();
    }
}
