package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.LegacyRequest.DirtyAction;
import io.vfiouser.protocol.LegacyRequest.DirtyPages;
import io.vfiouser.protocol.LegacyRequest.DirtyRange;
import io.vfiouser.protocol.LegacyRequest.MapRegion;
import io.vfiouser.protocol.LegacyRequest.MapRegions;
import io.vfiouser.protocol.LegacyRequest.Same;
import io.vfiouser.protocol.LegacyRequest.UnmapRegions;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LegacyCodecTest {
    private static final DmaMap MAP = new DmaMap(DmaFlags.READ_WRITE, 0x3000, 0x1000, 0x2000);

    static List<LegacyRequest> requests() {
        return List.of(
                new Same(version()),
                new Same(new DeviceGetInfo()),
                new Same(new DeviceGetRegionInfo(64, 9)),
                new Same(new DeviceGetIrqInfo(2)),
                new Same(new RegionRead(1, 0x10, 4)),
                new Same(new DeviceReset()),
                new Same(new UnknownRequest(15)),
                new MapRegions(List.of()),
                new MapRegions(
                        List.of(
                                new MapRegion(MAP, true),
                                new MapRegion(new DmaMap(DmaFlags.READ_ONLY, 0, -1, 1), false))),
                new UnmapRegions(List.of(DmaUnmap.region(0, 1), DmaUnmap.region(0x1000, 0x2000))),
                new DirtyPages(DirtyAction.START, List.of()),
                new DirtyPages(DirtyAction.STOP, List.of()),
                new DirtyPages(
                        DirtyAction.GET_BITMAP,
                        List.of(
                                new DirtyRange(0, 0x1000, 0x1000, 1),
                                new DirtyRange(-1, -2, -3, -4))));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void decodesWhatItEncodes(LegacyRequest request) {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 0x1234, request, false);
        assertThat(out.getUnsignedIntLE(4)).isEqualTo(out.readableBytes());
        assertThat(LegacyDecoder.clientRequest(out)).isEqualTo(request);
    }

    @Test
    void hasTheNumbersOf2021() {
        assertThat(LegacyCommand.values())
                .extracting(LegacyCommand::id)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        assertThat(LegacyCommand.of(Command.REGION_READ)).contains(LegacyCommand.REGION_READ);
        assertThat(LegacyCommand.of(Command.DEVICE_FEATURE)).isEmpty();
        assertThat(LegacyCommand.of(0)).isEmpty();
        assertThat(LegacyCommand.of(15)).isEmpty();
        assertThat(LegacyCommand.VM_INTERRUPT.counterpart()).isEmpty();
    }

    @Test
    void laysOutATableOfRegions() {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 7, MAP, true, false);
        assertThat(hex(out))
                .isEqualTo(
                        "07000200300000000000000000000000"
                                + "0010000000000000" // address
                                + "0020000000000000" // size
                                + "0030000000000000" // offset in the file
                                + "03000000" // prot
                                + "01000000"); // mappable
    }

    @Test
    void saysMaxFds() {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 0, version(), false, false);
        assertThat(out.toString(StandardCharsets.US_ASCII))
                .endsWith("{\"capabilities\":{\"max_fds\":8,\"migration\":{\"pgsize\":4096}}}\0");
    }

    @Test
    void ignoresTheKeysOfToday() {
        ByteBuf text =
                Unpooled.copiedBuffer(
                        "{\"capabilities\":{\"max_msg_fds\":\"x\",\"max_fds\":32,"
                                + "\"twin_socket\":{\"supported\":true}}}",
                        StandardCharsets.US_ASCII);
        assertThat(CapabilitiesJson.LEGACY.read(text))
                .isEqualTo(Capabilities.DEFAULTS.withMaxMsgFds(32));
    }

    @Test
    void repliesCarryNoCommand() {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 5, EmptyReply.INSTANCE);
        assertThat(hex(out)).isEqualTo("05000000100000000100000000000000");
        out.clear();
        LegacyEncoder.encode(out, 5, new ErrorReply(Errno.EINVAL));
        assertThat(hex(out)).isEqualTo("05000000100000002100000016000000");
        out.clear();
        LegacyEncoder.startRegionReply(out, 5, 1, 0x10, 4, 4);
        assertThat(hex(out))
                .isEqualTo("05000000240000000100000000000000" + "10000000000000000100000004000000");
    }

    @Test
    void answersRegionInfoWithAsManyBytesAsTheClientTakes() {
        var areas = new RegionCapability.SparseMmap(List.of(new SparseMmapArea(0, 0x1000)));
        DeviceGetRegionInfo.Reply small = regionInfo(new DeviceGetRegionInfo(40, 1), areas, 40);
        assertThat(small.argsz()).isEqualTo(64);
        assertThat(small.complete()).isFalse();
        DeviceGetRegionInfo.Reply large = regionInfo(new DeviceGetRegionInfo(100, 1), areas, 100);
        assertThat(large.capabilities()).containsExactly(areas);
        assertThat(large.offset()).as("a number that means nothing").isZero();
    }

    @Test
    void saysThatThereAreCapabilitiesEvenIfTheyDoNotFit() {
        var areas = new RegionCapability.SparseMmap(List.of(new SparseMmapArea(0, 0x1000)));
        var request = new DeviceGetRegionInfo(32, 1);
        DeviceGetRegionInfo.Reply info =
                DeviceGetRegionInfo.Reply.to(
                        request, RegionFlags.READ_WRITE, 0x1000, 0, List.of(areas));
        PayloadReply reply = LegacyEncoder.regionInfo(Unpooled.buffer(), request, info);
        assertThat(reply.payload().getIntLE(4) & RegionFlags.CAPS).isNotZero();
        reply.release();
    }

    @Test
    void takesANegatedErrorForWhatItMeans() {
        ByteBuf refused = bytes("000000001000000021000000a1ffffff");
        assertThat(LegacyDecoder.serverReply(LegacyCommand.VERSION, refused))
                .isEqualTo(new ErrorReply(Errno.ENOTSUP));
    }

    @Test
    void readsTheServersCommands() {
        ByteBuf read = bytes("01000a001c0000000000000000000000" + "0000100000000000 08000000");
        assertThat(LegacyDecoder.dmaRequest(read)).isEqualTo(new DmaRead(0x100000, 8));
        ByteBuf write =
                bytes("01000b001e0000000000000000000000" + "0000100000000000 02000000 abcd");
        var decoded = (DmaWrite) LegacyDecoder.dmaRequest(write);
        assertThat(ByteBufUtil.hexDump(decoded.data())).isEqualTo("abcd");
        decoded.release();
        ByteBuf interrupt = Unpooled.buffer();
        LegacyEncoder.encodeInterrupt(interrupt, 1, 3);
        assertThat(hex(interrupt)).isEqualTo("01000c0014000000000000000000000003000000");
        assertThat(LegacyDecoder.interruptVector(interrupt)).isEqualTo(3);
        assertThatThrownBy(() -> LegacyDecoder.dmaRequest(interrupt))
                .hasMessage("command: 12 (expected: DMA_READ or DMA_WRITE)");
    }

    @Test
    void answersWithACountOfFourBytes() {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 1, new DmaWrite.Reply(0x1000, 8));
        assertThat(hex(out))
                .isEqualTo("010000001c0000000100000000000000" + "001000000000000008000000");
        out.clear();
        LegacyEncoder.encode(out, 1, new DmaRead.Reply(0x1000, 2, bytes("abcd")));
        assertThat(hex(out))
                .isEqualTo("010000001e0000000100000000000000" + "001000000000000002000000abcd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0200 30 00000000", // a table that ends within a region
                "0300 11 00", // the same for an unmap
                "0200 300010000000000000002000000000000000300000000000000700000001000000", // exec
                "0200 300010000000000000002000000000000000300000000000000300000003000000", // flags
                "0400 14 10000000", // device info, short
                "0600 20 1100000000000000 0000000000000000", // irq info, argsz not 16
                "0600 24 1000000000000000 0000000000000000 00000000", // irq info, long
                "0700 24 1300000024000000 0000000000000000 00000000", // set irqs, argsz wrong
                "0500 30" + "ffffffff00000000000000000000000000000000000000000000000000000000",
                "0e00 14 04000000", // dirty pages, short
                "0e00 18 09000000 01000000", // argsz not the payload
                "0e00 18 08000000 00000000", // nothing to do
                "0e00 18 08000000 03000000", // two things
                "0e00 18 08000000 04000000", // no range
                "0e00 1c 0c000000 04000000 00000000", // part of a range
            })
    void refuses(String commandSizePayload) {
        String text = commandSizePayload.replace(" ", "");
        String header = "0000" + text.substring(0, 4) + text.substring(4, 6) + "000000";
        ByteBuf frame = bytes(header + "0000000000000000" + text.substring(6));
        assertThatThrownBy(() -> LegacyDecoder.clientRequest(frame))
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void hasNoWordsForWhatCameLater() {
        ClientRequest probe = new DeviceFeature(8, new FeatureFlags(0x40001), new Feature.None());
        assertThatThrownBy(() -> LegacyEncoder.encode(Unpooled.buffer(), 0, probe, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: a command of the legacy dialect)");
        assertThatThrownBy(() ->
                        LegacyEncoder.encode(
                                Unpooled.buffer(), 0, DmaUnmap.everything(), false, false))
                .hasMessage("DMA_UNMAP flags: 0x2 (expected: 0 in the legacy dialect)");
    }

    @Test
    void namesCommandsInTraces() {
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 1, new RegionRead(2, 0x104, 4), false, false);
        assertThat(WireTrace.describe(out, Dialect.LEGACY))
                .isEqualTo("REGION_READ id=0x1 BAR2+0x104 count=4");
        out.clear();
        LegacyEncoder.encode(out, 1, MAP, true, false);
        assertThat(WireTrace.describe(out, Dialect.LEGACY)).isEqualTo("DMA_MAP id=0x1");
        out.clear();
        LegacyEncoder.encode(out, 1, new DirtyPages(DirtyAction.STOP, List.of()), false);
        assertThat(WireTrace.describe(out, Dialect.LEGACY)).isEqualTo("DIRTY_PAGES id=0x1");
    }

    private static DeviceGetRegionInfo.Reply regionInfo(
            DeviceGetRegionInfo request, RegionCapability capability, int expectedBytes) {
        DeviceGetRegionInfo.Reply info =
                DeviceGetRegionInfo.Reply.to(
                        request, RegionFlags.READ_WRITE, 0x1000, 1L << 40, List.of(capability));
        PayloadReply reply = LegacyEncoder.regionInfo(Unpooled.buffer(), request, info);
        ByteBuf out = Unpooled.buffer();
        LegacyEncoder.encode(out, 0, reply);
        reply.release();
        assertThat(out.readableBytes() - 16).isEqualTo(expectedBytes);
        return (DeviceGetRegionInfo.Reply)
                LegacyDecoder.serverReply(LegacyCommand.DEVICE_GET_REGION_INFO, out);
    }

    private static Version version() {
        return new Version(
                0,
                1,
                Capabilities.DEFAULTS
                        .withMaxMsgFds(8)
                        .withMigration(Capabilities.Migration.of(4096)));
    }

    private static String hex(ByteBuf out) {
        return ByteBufUtil.hexDump(out);
    }

    private static ByteBuf bytes(String hex) {
        return Hex.buffer(hex);
    }
}
