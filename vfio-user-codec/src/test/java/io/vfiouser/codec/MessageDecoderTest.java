package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.protocol.SubRegionFd;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.Version;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageDecoderTest {
    @ParameterizedTest
    @CsvSource({
        "VERSION, 4",
        "DMA_MAP, 32",
        "DMA_UNMAP, 24",
        "DEVICE_GET_INFO, 16",
        "DEVICE_GET_REGION_INFO, 32",
        "DEVICE_GET_REGION_IO_FDS, 16",
        "DEVICE_GET_IRQ_INFO, 16",
        "DEVICE_SET_IRQS, 20",
        "REGION_READ, 16",
        "REGION_WRITE, 16",
        "REGION_WRITE_MULTI, 8",
        "DEVICE_FEATURE, 8",
        "MIG_DATA_READ, 8",
        "MIG_DATA_WRITE, 8",
    })
    void refusesRequestsThatAreTooShort(Command command, int minimum) {
        for (int length = 0; length < minimum; length++) {
            ByteBuf frame = Unpooled.wrappedBuffer(Wire.message(command.id(), new byte[length]));
            assertThatThrownBy(() -> MessageDecoder.clientRequest(frame))
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessage("payload: " + length + " bytes (expected: >= " + minimum + ")")
                    .extracting(e -> ((RequestRejectedException) e).errno())
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DMA_MAP, 32, 31",
        "DMA_UNMAP, 24, 23",
        "DEVICE_GET_INFO, 16, 15",
        "DEVICE_GET_REGION_INFO, 32, 31",
        "DEVICE_GET_REGION_IO_FDS, 16, 15",
        "DEVICE_GET_IRQ_INFO, 16, 15",
        "DEVICE_SET_IRQS, 20, 19",
        "DEVICE_FEATURE, 8, 7",
        "MIG_DATA_READ, 8, 7",
        "MIG_DATA_WRITE, 8, 7",
    })
    void refusesArgszBelowTheStructure(Command command, int payload, int argsz) {
        byte[] body = new byte[payload];
        body[0] = (byte) argsz;
        assertRejected(
                Unpooled.wrappedBuffer(Wire.message(command.id(), body)),
                "argsz: " + argsz + " (expected: >= " + payload + ")");
    }

    @Test
    void refusesAMessageWithoutHeader() {
        assertRejected(Unpooled.wrappedBuffer(new byte[15]), "message: 15 bytes (expected: >= 16)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 12, 14, 19, 255, 65535})
    void keepsCommandsThatAClientMayNotSend(int id) {
        assertThat(request(id, "")).isEqualTo(new UnknownRequest(id));
    }

    @Test
    void ignoresWhatFollowsAPayload() {
        assertThat(request(9, "00 00 00 00 00 00 00 00  07 00 00 00  04 00 00 00  ff ff ff ff"))
                .isEqualTo(new RegionRead(7, 0, 4));
        assertThat(request(13, "01 02 03")).hasToString("DeviceReset[]");
    }

    @Test
    void versionMayComeWithoutText() {
        assertThat(request(1, "00 00  01 00")).isEqualTo(new Version(0, 1, Capabilities.DEFAULTS));
    }

    @Test
    void refusesVersionTextWithoutNulOrWithNothingElse() {
        assertRejected(1, "00 00  01 00  7b 7d", "capabilities: last byte 0x7d (expected: NUL)");
        assertRejected(1, "00 00  01 00  00", "capabilities: 0 bytes (expected: 1 to 4096)");
    }

    @Test
    void refusesRegionWritesWhoseCountIsNotTheirData() {
        String offset = "00 00 00 00 00 00 00 00";
        assertRejected(
                10,
                offset + "00 00 00 00  04 00 00 00  aa bb cc",
                "payload: 19 bytes (expected: 16 + 4)");
        assertRejected(
                10,
                offset + "00 00 00 00  04 00 00 00  aa bb cc dd ee",
                "payload: 21 bytes (expected: 16 + 4)");
        assertRejected(
                10,
                offset + "00 00 00 00  ff ff ff ff  aa",
                "count: 0xffffffff (expected: at most 0x7fffffff)");
    }

    @Test
    void refusesIndexesOfThirtyTwoBits() {
        String offset = "00 00 00 00 00 00 00 00";
        assertRejected(
                9,
                offset + "ef be ad de  04 00 00 00",
                "region: 0xdeadbeef (expected: at most 0x7fffffff)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "00 00 00 00 | flags: 0x0 (expected: one action, 8, 0x10, 0x20)",
                "01 00 00 00 | flags: 0x1 (expected: one action, 8, 0x10, 0x20)",
                "31 00 00 00 | flags: 0x31 (expected: one action, 8, 0x10, 0x20)",
                "20 00 00 00 | flags: data bits 0x0 (expected: one of 1, 2, 4)",
                "23 00 00 00 | flags: data bits 0x3 (expected: one of 1, 2, 4)",
                "61 00 00 00 | flags: 0x61 (expected: one action, 8, 0x10, 0x20)",
                "22 00 00 00 | 'payload: 22 bytes (expected: 20 + 1)'",
            })
    void refusesSetIrqsWithOddFlags(String flags, String expected) {
        assertRejected(
                8, "14 00 00 00" + flags + "00 00 00 00  00 00 00 00  01 00 00 00 01 01", expected);
    }

    @Test
    void readsOneByteForEachVector() {
        var set =
                (DeviceSetIrqs)
                        request(
                                8,
                                """
                                17 00 00 00  # argsz 23
                                0a 00 00 00  # MASK, BOOL
                                02 00 00 00  # MSI-X
                                05 00 00 00  # start
                                03 00 00 00  # count
                                01 00 02     # bytes
                                """);
        assertThat(set.action()).isEqualTo(IrqAction.MASK);
        var bool = (IrqData.Bool) set.data();
        assertThat(bool.isSet(0)).isTrue();
        assertThat(bool.isSet(1)).isFalse();
        assertThat(bool.isSet(2)).as("only 1 counts").isFalse();
    }

    @Test
    void refusesBitmapRequestsWithoutBitmapFields() {
        assertRejected(
                3,
                "28 00 00 00  01 00 00 00" + "00".repeat(31),
                "payload: 39 bytes (expected: >= 40)");
    }

    @Test
    void refusesWriteMultiWhoseCountIsNotItsEntries() {
        assertRejected(
                15,
                "02 00 00 00 00 00 00 00" + "00".repeat(24),
                "wr_cnt: 2 (expected: 24 bytes each in 24)");
        // 0x0aaaaaaaaaaaaaab * 24 is 8 in 64 bits.
        assertRejected(
                15,
                "ab aa aa aa aa aa aa 0a" + "00".repeat(8),
                "wr_cnt: 768614336404564651 (expected: 24 bytes each in 8)");
        assertRejected(
                15,
                "01 00 00 00 00 00 00 00" + "00".repeat(12) + "09 00 00 00" + "00".repeat(8),
                "count: 9 (expected: at most 8)");
    }

    @Test
    void refusesFeatureDataThatAreNotThere() {
        assertRejected(
                16, "10 00 00 00  02 00 02 00  03 00 00 00", "payload: 12 bytes (expected: >= 16)");
        assertRejected(
                16,
                "10 00 00 00  02 00 02 00  08 00 00 00  00 00 00 00",
                "device_state: 8 (expected: 0 to 7)");
        assertRejected(
                16,
                "20 00 00 00  08 00 01 00" + "00".repeat(23),
                "payload: 31 bytes (expected: >= 32)");
        assertRejected(
                16,
                "20 00 00 00  06 00 02 00" + "00".repeat(8) + "01 00 00 00  00 00 00 00",
                "num_ranges: 1 (expected: at most 0)");
    }

    @Test
    void keepsTheDataOfProbesForTheEcho() {
        var probe = (DeviceFeature) request(16, "10 00 00 00  02 00 06 00  aa bb");
        assertThat(probe)
                .isEqualTo(
                        new DeviceFeature(
                                16,
                                FeatureFlags.probe(2, 0x2_0000),
                                new Feature.Unknown(Hex.buffer("aa bb"))));
    }

    @Test
    void refusesMigrationDataLongerThanPromised() {
        assertRejected(
                18,
                "0c 00 00 00  04 00 00 00  aa bb",
                "size: 4 (expected: at most 2, the payload)");
        assertRejected(17, "0b 00 00 00  04 00 00 00", "argsz: 11 (expected: >= 12)");
    }

    @Test
    void trustsTheSizeOfAPaddedMigrationReply() {
        var reply =
                (MigDataRead.Reply)
                        reply(Command.MIG_DATA_READ, "0a 00 00 00  02 00 00 00 aa bb 00 00");
        assertThat(reply.data()).isEqualTo(Hex.buffer("aa bb"));
        reply.release();
    }

    @Test
    void readsTheReplyToDmaWriteInBothWidths() {
        String address = "00 00 10 00 00 00 00 00";
        var expected = new DmaWrite.Reply(0x100000, 8);
        assertThat(reply(Command.DMA_WRITE, address + "08 00 00 00")).isEqualTo(expected);
        assertThat(reply(Command.DMA_WRITE, address + "08 00 00 00 00 00 00 00"))
                .isEqualTo(expected);
        assertThat(reply(Command.DMA_WRITE, "")).isEqualTo(EmptyReply.INSTANCE);
        assertThatThrownBy(() -> reply(Command.DMA_WRITE, address))
                .isInstanceOf(ProtocolViolationException.class)
                .hasMessage("reply to DMA_WRITE: payload: 8 bytes (expected: >= 12)");
    }

    @Test
    void seesTheNarrowCountOfADmaRead() {
        Golden wide = golden("DMA_READ reply");
        Golden narrow = golden("DMA_READ reply with a narrow count");
        assertThat(((DmaRead.Reply) wide.message()).provesNarrowCount()).isFalse();
        assertThat(((DmaRead.Reply) narrow.message()).provesNarrowCount()).isTrue();
    }

    @Test
    void acceptsErrorRepliesWithPayload() {
        ByteBuf frame =
                Hex.buffer("01 00  09 00  14 00 00 00  21 00 00 00  05 00 00 00  aa bb cc dd");
        assertThat(MessageDecoder.serverReply(Command.REGION_READ, frame))
                .isEqualTo(new ErrorReply(Errno.EIO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 00 00 00", "ea ff ff ff", "00 10 00 00"})
    void anErrorWithoutSoundErrnoIsEinval(String errno) {
        ByteBuf frame = Hex.buffer("01 00  09 00  10 00 00 00  21 00 00 00" + errno);
        assertThat(MessageDecoder.serverReply(Command.REGION_READ, frame))
                .isEqualTo(new ErrorReply(Errno.EINVAL));
    }

    @Test
    void refusesTheReplyToAnotherCommand() {
        ByteBuf frame = Hex.buffer("01 00  0a 00  10 00 00 00  01 00 00 00  00 00 00 00");
        assertThatThrownBy(() -> MessageDecoder.serverReply(Command.DMA_MAP, frame))
                .isInstanceOf(ProtocolViolationException.class)
                .hasMessage("reply to DMA_MAP: command: 10 (expected: 2)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DEVICE_GET_INFO",
                "DEVICE_GET_REGION_INFO",
                "DEVICE_GET_IRQ_INFO",
                "VERSION",
                "MIG_DATA_READ",
                "REGION_WRITE_MULTI",
            })
    void refusesEmptyRepliesWhereThereMustBeAPayload(Command command) {
        assertThatThrownBy(() -> reply(command, "")).isInstanceOf(ProtocolViolationException.class);
    }

    @Test
    void asksOnlyForRepliesThatExist() {
        ByteBuf frame = Unpooled.wrappedBuffer(Wire.message(11));
        assertThatThrownBy(() -> MessageDecoder.serverReply(Command.DMA_READ, frame))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageDecoder.clientReply(Command.DMA_MAP, frame))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aServerMayAskForDmaOnly() {
        ByteBuf frame = Unpooled.wrappedBuffer(Wire.message(9, new byte[16]));
        assertThatThrownBy(() -> MessageDecoder.serverRequest(frame))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessage("command: 9 (expected: DMA_READ or DMA_WRITE from a server)");
    }

    @Test
    void walksCapabilitiesInChainOrder() {
        String fixed = regionInfo("68 00 00 00");
        String type = "02 00 01 00  38 00 00 00  03 00 00 00  01 00 00 00";
        String gap = "ee".repeat(8);
        String unknown = "34 12 07 00  44 00 00 00  aa bb cc dd";
        String sparse = "01 00 01 00  00 00 00 00  01 00 00 00 00 00 00 00";
        String area = "00 10 00 00 00 00 00 00  00 20 00 00 00 00 00 00";
        var reply =
                (DeviceGetRegionInfo.Reply)
                        reply(
                                Command.DEVICE_GET_REGION_INFO,
                                fixed + type + gap + unknown + sparse + area);
        assertThat(reply.capabilities())
                .containsExactly(
                        new RegionCapability.Type(3, 1),
                        new RegionCapability.Unknown(0x1234, 7, Hex.buffer("aa bb cc dd")),
                        new RegionCapability.SparseMmap(
                                List.of(new SparseMmapArea(0x1000, 0x2000))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // To itself, backwards, into its own header, outside, and at the last byte.
                "02 00 01 00  20 00 00 00  00 00 00 00  00 00 00 00",
                "02 00 01 00  08 00 00 00  00 00 00 00  00 00 00 00",
                "02 00 01 00  24 00 00 00  00 00 00 00  00 00 00 00",
                "02 00 01 00  ff ff ff ff  00 00 00 00  00 00 00 00",
                "02 00 01 00  2f 00 00 00  00 00 00 00  00 00 00 00",
                // More areas than there is room for.
                "01 00 01 00  00 00 00 00  01 00 00 00  00 00 00 00",
                "01 00 01 00  00 00 00 00  ff ff ff ff  00 00 00 00",
                // Cut short.
                "02 00 01 00  00 00 00 00  00 00 00 00",
                "01 00 01 00  00 00 00 00",
                "01 00 01 00",
            })
    void refusesBrokenCapabilityChains(String capability) {
        assertThatThrownBy(() ->
                        reply(
                                Command.DEVICE_GET_REGION_INFO,
                                regionInfo("40 00 00 00") + capability))
                .isInstanceOf(ProtocolViolationException.class);
    }

    @Test
    void toleratesTheCapabilityFlagWithoutCapabilities() {
        var reply =
                (DeviceGetRegionInfo.Reply)
                        reply(
                                Command.DEVICE_GET_REGION_INFO,
                                "40 00 00 00  0f 00 00 00  00 00 00 00  00 00 00 00"
                                        + "00".repeat(16));
        assertThat(reply.capabilities()).isEmpty();
        assertThat(reply.flags().hasCapabilities()).isFalse();
        assertThat(reply.complete()).isFalse();
    }

    @Test
    void readsSubRegionsOfEveryEntrySize() {
        String common =
                "10 00 00 00 00 00 00 00  04 00 00 00 00 00 00 00  01 00 00 00"
                        + "00 00 00 00  01 00 00 00  00 00 00 00";
        assertThat(subRegion("40 00 00 00", common + "22" + "00".repeat(7) + "33" + "00".repeat(7)))
                .isEqualTo(new SubRegionFd(0x10, 4, 1, 0, 1, 0, 0x22, 0x33));
        assertThat(subRegion("38 00 00 00", common + "33" + "00".repeat(7)))
                .isEqualTo(new SubRegionFd(0x10, 4, 1, 0, 1, 0, 0, 0x33));
        assertThat(subRegion("30 00 00 00", common))
                .isEqualTo(new SubRegionFd(0x10, 4, 1, 0, 1, 0, 0, 0));
        assertThatThrownBy(() -> subRegion("2f 00 00 00", common))
                .isInstanceOf(ProtocolViolationException.class);
        assertThatThrownBy(() -> subRegion("40 00 00 00", common))
                .as("entries beyond the payload")
                .isInstanceOf(ProtocolViolationException.class);
    }

    @Test
    void refusesSubRegionRequestsWithFlagsOrCount() {
        assertRejected(
                6,
                "10 00 00 00  01 00 00 00  00 00 00 00  02 00 00 00",
                "flags: 0x1, count: 2 (expected: 0, 0)");
    }

    @Test
    void refusesDirtyBitmapsThatAreNotThere() {
        assertThatThrownBy(() ->
                        reply(
                                Command.DMA_UNMAP,
                                "30 00 00 00  01 00 00 00"
                                        + "00".repeat(24)
                                        + "ff ff ff ff ff ff ff ff"))
                .isInstanceOf(ProtocolViolationException.class)
                .hasMessageContaining("payload: 40 bytes (expected: 40 + 18446744073709551615)");
        assertThat(request(3, "18 00 00 00  02 00 00 00" + "00".repeat(16)))
                .isEqualTo(DmaUnmap.everything());
    }

    @Test
    void keepsUnknownFlagsOfAMap() {
        var map = (DmaMap) request(2, "20 00 00 00  13 00 00 00" + "00".repeat(24));
        assertThat(map.flags().unknownBits()).isEqualTo(0x10);
    }

    private static Golden golden(String name) {
        return Golden.ALL.stream().filter(g -> g.name().equals(name)).findFirst().orElseThrow();
    }

    private static String regionInfo(String argsz) {
        return argsz + "0f 00 00 00  00 00 00 00  20 00 00 00" + "00".repeat(16);
    }

    private static SubRegionFd subRegion(String argsz, String entry) {
        String fixed = argsz + "00 00 00 00  02 00 00 00  01 00 00 00";
        var reply =
                (DeviceGetRegionIoFds.Reply) reply(Command.DEVICE_GET_REGION_IO_FDS, fixed + entry);
        return reply.entries().getFirst();
    }

    private static Object request(int commandId, String payload) {
        return MessageDecoder.clientRequest(
                Unpooled.wrappedBuffer(Wire.message(commandId, Hex.bytes(payload))));
    }

    private static Object reply(Command command, String payload) {
        return Decoding.reply(
                command, Unpooled.wrappedBuffer(Wire.message(command.id(), Hex.bytes(payload))));
    }

    private static void assertRejected(int commandId, String payload, String expected) {
        assertRejected(
                Unpooled.wrappedBuffer(Wire.message(commandId, Hex.bytes(payload))), expected);
    }

    private static void assertRejected(ByteBuf frame, String expected) {
        assertThatThrownBy(() -> MessageDecoder.clientRequest(frame))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessage(expected);
    }
}
