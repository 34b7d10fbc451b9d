package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.WireFormat;
import org.junit.jupiter.api.Test;

final class RemoteMigrationTest extends ClientTest {
    @Test
    void changesTheStateWithTheGoldenMessage() {
        try (VfioUserClient client = connect()) {
            var changing = beside(() -> client.migration().changeState(MigrationState.STOP_COPY));
            String request =
                    "01 00 10 00 20 00 00 00 00 00 00 00 00 00 00 00"
                            + "10 00 00 00 02 00 02 00 03 00 00 00 00 00 00 00";
            server.expect(request);
            server.send(request.replaceFirst("20 00 00 00 00", "20 00 00 00 01"));
            changing.join();
        }
    }

    @Test
    void readsSupportAndState() {
        try (VfioUserClient client = connect()) {
            var supporting = beside(() -> client.migration().support());
            server.expect(
                    "01 00 10 00 18 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 01 00 01 00");
            server.send(
                    "01 00 10 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "10 00 00 00 01 00 01 00 05 00 00 00 00 00 00 00");
            assertThat(supporting.join())
                    .isEqualTo(
                            new Feature.Migration(
                                    Feature.Migration.STOP_COPY | Feature.Migration.PRE_COPY));
            var state = beside(() -> client.migration().state());
            server.expect(
                    "02 00 10 00 18 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 02 00 01 00");
            server.send(
                    "02 00 10 00 20 00 00 00 01 00 00 00 00 00 00 00"
                            + "10 00 00 00 02 00 01 00 02 00 00 00 00 00 00 00");
            assertThat(state.join()).isEqualTo(MigrationState.RUNNING);
        }
    }

    @Test
    void movesTheData() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.migration().readData(16));
            server.expect(
                    "01 00 11 00 18 00 00 00 00 00 00 00 00 00 00 00 18 00 00 00 10 00 00 00");
            // Four bytes of data, then padding up to what was asked for, as the C library sends it.
            server.send(
                    "01 00 11 00 28 00 00 00 01 00 00 00 00 00 00 00"
                            + "0c 00 00 00 04 00 00 00 01 02 03 04 00 00 00 00 00 00 00 00"
                            + "00 00 00 00");
            byte[] data = reading.join();
            assertThat(data).containsExactly(1, 2, 3, 4);
            var writing = beside(() -> client.migration().writeData(data));
            server.expect(
                    "02 00 12 00 1c 00 00 00 00 00 00 00 00 00 00 00"
                            + "0c 00 00 00 04 00 00 00 01 02 03 04");
            server.send("02 00 12 00 10 00 00 00 01 00 00 00 00 00 00 00");
            writing.join();
        }
    }

    @Test
    void logsDirtyPages() {
        try (VfioUserClient client = connect()) {
            var starting = beside(() -> client.migration().startLogging(0x1000));
            String start =
                    "01 00 10 00 28 00 00 00 00 00 00 00 00 00 00 00"
                            + "18 00 00 00 06 00 02 00"
                            + "00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
            server.expect(start);
            server.send(start.replaceFirst("28 00 00 00 00", "28 00 00 00 01"));
            starting.join();
            var asking = beside(() -> client.migration().dirtyPages(0x10_0000, 0x4_1000, 0x1000));
            String report =
                    "00 00 10 00 00 00 00 00 00 10 04 00 00 00 00 00 00 10 00 00 00 00 00 00";
            server.expect(
                    "02 00 10 00 30 00 00 00 00 00 00 00 00 00 00 00"
                            + "30 00 00 00 08 00 01 00"
                            + report);
            server.send(
                    "02 00 10 00 40 00 00 00 01 00 00 00 00 00 00 00"
                            + "30 00 00 00 08 00 01 00"
                            + report
                            + "01 00 00 00 00 00 00 80 01 00 00 00 00 00 00 00");
            assertThat(asking.join().stream()).containsExactly(0, 63, 64);
            var stopping = beside(() -> client.migration().stopLogging());
            server.expect(
                    "03 00 10 00 18 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 07 00 02 00");
            server.send("03 00 10 00 18 00 00 00 01 00 00 00 00 00 00 00 10 00 00 00 07 00 02 00");
            stopping.join();
        }
    }

    @Test
    void namesAReportWithoutPayload() {
        try (VfioUserClient client = connect()) {
            var asking = beside(() -> client.migration().dirtyPages(0, 0x1000, 0x1000));
            server.expect(
                    "01 00 10 00 30 00 00 00 00 00 00 00 00 00 00 00 28 00 00 00 08 00 01 00"
                            + "00 00 00 00 00 00 00 00 00 10 00 00 00 00 00 00"
                            + "00 10 00 00 00 00 00 00");
            server.send("01 00 10 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThatThrownBy(asking::join)
                    .cause()
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessage("DEVICE_FEATURE: a reply without payload (expected: one with)");
        }
    }

    @Test
    void probesAFeature() {
        try (VfioUserClient client = connect()) {
            var probing =
                    beside(() ->
                            client.migration()
                                    .probe(
                                            WireFormat.FEATURE_MIG_DEVICE_STATE,
                                            WireFormat.FEATURE_GET | WireFormat.FEATURE_SET));
            server.expect(
                    "01 00 10 00 18 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 02 00 07 00");
            server.send("01 00 10 00 10 00 00 00 21 00 00 00 16 00 00 00");
            assertThatThrownBy(probing::join).hasCauseInstanceOf(RemoteErrorException.class);
        }
    }

    @Test
    void sizesBitmapsInWholeWords() {
        assertThat(Features.bitmapSize(0x1000, 0x1000)).isEqualTo(8);
        assertThat(Features.bitmapSize(0x4_0000, 0x1000)).isEqualTo(8);
        assertThat(Features.bitmapSize(0x4_0001, 0x1000)).isEqualTo(16);
        assertThat(Features.bitmapSize(5, 0)).isZero();
        assertThatThrownBy(() -> Features.bitmapSize(-1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length: 0xffffffffffffffff, pageSize: 0x1");
    }
}
