package io.vfiouser.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class RegionInfoTest extends ClientTest {
    private static final String REQUEST =
            """
            01 00 05 00 30 00 00 00 00 00 00 00 00 00 00 00
            20 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            """;
    private static final String TOO_SMALL_FOR_CAPABILITIES =
            """
            01 00 05 00 30 00 00 00 01 00 00 00 00 00 00 00
            40 00 00 00 07 00 00 00 00 00 00 00 00 00 00 00
            00 40 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            """;
    private static final String SECOND_REQUEST =
            """
            02 00 05 00 30 00 00 00 00 00 00 00 00 00 00 00
            40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            """;

    /// BAR0, read, write, mmap, 0x4000 bytes, one sparse area at 0x1000 of 0x3000.
    private static final String WHOLE =
            """
            02 00 05 00 50 00 00 00 01 00 00 00 00 00 00 00
            40 00 00 00 0f 00 00 00 00 00 00 00 20 00 00 00
            00 40 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            01 00 01 00 00 00 00 00 01 00 00 00 00 00 00 00
            00 10 00 00 00 00 00 00 00 30 00 00 00 00 00 00
            """;

    private final SparseMmapArea area = new SparseMmapArea(0x1000, 0x3000);

    @Test
    void asksASecondTimeForTheCapabilities() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            var asking = client.async().regionInfo(0);
            answerInTwoSteps(memory.duplicate());
            try (RegionInfo info = asking.join()) {
                assertThat(info.region()).isZero();
                assertThat(info.size()).isEqualTo(0x4000);
                assertThat(info.flags().bits())
                        .isEqualTo(
                                RegionFlags.READ
                                        | RegionFlags.WRITE
                                        | RegionFlags.MMAP
                                        | RegionFlags.CAPS);
                assertThat(info.capabilities())
                        .containsExactly(new RegionCapability.SparseMmap(List.of(area)));
                assertThat(info.mappableAreas()).containsExactly(area);
                assertThat(info.descriptors().count()).isEqualTo(1);
            }
        }
    }

    @Test
    void asksWithAMessageOfAGivenSize() {
        String reply = TOO_SMALL_FOR_CAPABILITIES.replaceFirst("40 00", "20 00");
        try (VfioUserClient client = connect()) {
            var asking = client.async().regionInfo(0, 4080);
            server.expect(
                    REQUEST.replaceFirst("30 00", "f0 0f").replaceFirst("20 00", "e0 0f")
                            + "00".repeat(4080 - 48));
            server.send(reply);
            try (RegionInfo info = asking.join()) {
                assertThat(info.size()).isEqualTo(0x4000);
            }
            assertThatThrownBy(() -> client.async().regionInfo(0, 47))
                    .hasMessage("messageSize: 47 (expected: 48 to 4096)");
        }
    }

    @Test
    void mapsAnAreaOfTheRegion() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            memory.segment().set(JAVA_BYTE, 0x1000, (byte) 0x5a);
            var asking = beside(() -> client.region(0));
            answerInTwoSteps(memory.duplicate());
            RemoteRegion region = asking.join();
            MemorySegment mapped = region.map(area);
            assertThat(mapped.byteSize()).isEqualTo(0x3000);
            assertThat(mapped.get(JAVA_BYTE, 0)).isEqualTo((byte) 0x5a);
            mapped.set(JAVA_BYTE, 0x2fff, (byte) 0x77);
            assertThat(memory.segment().get(JAVA_BYTE, 0x3fff)).isEqualTo((byte) 0x77);
            assertThat(region.map(area).address()).isEqualTo(mapped.address());
        }
    }

    @Test
    void mapsOnlyAreasOfTheRegion() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            var asking = beside(() -> client.region(0));
            answerInTwoSteps(memory.duplicate());
            RemoteRegion region = asking.join();
            assertThatThrownBy(() -> region.map(new SparseMmapArea(0, 0x4000)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesToMapAnAreaBeyondTheRegion() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x8000)) {
            var asking = beside(() -> client.region(0));
            server.expect(REQUEST);
            server.send(TOO_SMALL_FOR_CAPABILITIES);
            server.expect(SECOND_REQUEST);
            server.send(
                    WHOLE.replace("00 30 00 00 00 00 00 00", "01 30 00 00 00 00 00 00"),
                    memory.duplicate());
            RemoteRegion region = asking.join();
            assertThatThrownBy(() -> region.map(region.mappableAreas().getFirst()))
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessage(
                            "area: offset 0x1000, size 0x3001"
                                    + " (expected: within region 0 of size 0x4000)");
        }
    }

    @Test
    void takesAnUnusedRegion() {
        try (VfioUserClient client = connect()) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            server.send(
                    """
                    01 00 05 00 30 00 00 00 01 00 00 00 00 00 00 00
                    20 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                    """);
            try (RegionInfo info = asking.join()) {
                assertThat(info.size()).isZero();
                assertThat(info.mappableAreas()).isEmpty();
            }
        }
    }

    @Test
    void takesAMappableRegionWithoutCapabilitiesAsOneArea() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            server.send(
                    TOO_SMALL_FOR_CAPABILITIES.replace("40 00 00 00 07", "20 00 00 00 07"),
                    memory.duplicate());
            try (RegionInfo info = asking.join()) {
                assertThat(info.mappableAreas()).containsExactly(new SparseMmapArea(0, 0x4000));
            }
        }
    }

    @Test
    void givesUpOnAServerThatNeverSendsTheCapabilities() {
        try (VfioUserClient client = connect()) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            server.send(TOO_SMALL_FOR_CAPABILITIES);
            server.expect(SECOND_REQUEST);
            server.send("02" + TOO_SMALL_FOR_CAPABILITIES.substring(2));
            assertThatThrownBy(asking::join)
                    .cause()
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessage(
                            "DEVICE_GET_REGION_INFO: argsz 64 in the reply to argsz 64"
                                    + " (expected: the whole reply the second time)");
        }
    }

    @Test
    void doesNotAskForGigabytes() {
        try (VfioUserClient client = connect()) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            server.send(TOO_SMALL_FOR_CAPABILITIES.replace("40 00 00 00 07", "00 00 00 f0 07"));
            assertThatThrownBy(asking::join)
                    .hasRootCauseMessage(
                            "DEVICE_GET_REGION_INFO: argsz 4026531840 in the reply to argsz 32"
                                    + " (expected: at most 1048576)");
        }
    }

    @Test
    void closesDescriptorsThatComeWithAnIncompleteReply() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            server.send(TOO_SMALL_FOR_CAPABILITIES, memory.duplicate(), memory.duplicate());
            server.expect(SECOND_REQUEST);
            server.send(WHOLE, memory.duplicate());
            try (RegionInfo info = asking.join()) {
                assertThat(info.descriptors().count()).isEqualTo(1);
            }
        }
    }

    @Test
    void freesAResultThatNobodyWaitsFor() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("bar0", 0x4000)) {
            var asking = client.async().regionInfo(0);
            server.expect(REQUEST);
            asking.cancel(false);
            server.send(TOO_SMALL_FOR_CAPABILITIES);
            server.expect(SECOND_REQUEST);
            server.send(WHOLE, memory.duplicate());
            CompletableFuture<?> after = client.async().reset();
            server.expect("03 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("03 00 0d 00 10 00 00 00 01 00 00 00 00 00 00 00");
            after.join();
        }
    }

    private void answerInTwoSteps(FileDescriptor descriptor) {
        server.expect(REQUEST);
        server.send(TOO_SMALL_FOR_CAPABILITIES);
        server.expect(SECOND_REQUEST);
        server.send(WHOLE, descriptor);
    }
}
