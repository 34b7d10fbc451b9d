package io.vfiouser.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RepliesTest {
    private static final List<RegionCapability> CAPABILITIES =
            List.of(
                    new RegionCapability.SparseMmap(List.of(new SparseMmapArea(0, 4096))),
                    new RegionCapability.Type(3, 1));
    private static final int NEEDED = 32 + 32 + 16;

    @Test
    void regionInfoBringsCapabilitiesIfTheyFit() {
        DeviceGetRegionInfo.Reply reply = regionInfo(NEEDED);
        assertThat(reply.capabilities()).isEqualTo(CAPABILITIES);
        assertThat(reply.argsz()).isEqualTo(NEEDED);
        assertThat(reply.flags().bits()).isEqualTo(0xf);
        assertThat(reply.complete()).isTrue();
    }

    @Test
    void regionInfoTellsTheNeedIfTheyDoNot() {
        DeviceGetRegionInfo.Reply reply = regionInfo(NEEDED - 1);
        assertThat(reply.capabilities()).isEmpty();
        assertThat(reply.argsz()).isEqualTo(NEEDED);
        assertThat(reply.flags().bits()).as("mappable, without CAPS").isEqualTo(0x7);
        assertThat(reply.complete()).isFalse();
    }

    @Test
    void regionInfoWithoutCapabilitiesIsComplete() {
        var reply =
                DeviceGetRegionInfo.Reply.to(
                        new DeviceGetRegionInfo(32, 8), RegionFlags.NONE, 0, 0, List.of());
        assertThat(reply.complete()).isTrue();
        assertThat(reply.argsz()).isEqualTo(32);
    }

    @Test
    void subRegionsComeAllOrNot() {
        var entry = new SubRegionFd(0, 4, 0, SubRegionFd.IOEVENTFD, 0, 0, 0, 0);
        var entries = List.of(entry, entry);
        var fitting = DeviceGetRegionIoFds.Reply.to(new DeviceGetRegionIoFds(112, 2), entries);
        assertThat(fitting.entries()).isEqualTo(entries);
        var small = DeviceGetRegionIoFds.Reply.to(new DeviceGetRegionIoFds(111, 2), entries);
        assertThat(small).isEqualTo(new DeviceGetRegionIoFds.Reply(112, 2, 2, List.of()));
        assertThatThrownBy(() -> new DeviceGetRegionIoFds.Reply(112, 2, 2, List.of(entry)))
                .hasMessage("entries: 1 (expected: 0 or count, 2)");
    }

    @Test
    void bulkDataAreCountedThroughTheMessage() {
        ByteBuf data = PooledByteBufAllocator.DEFAULT.buffer().writeInt(1);
        var reply = new RegionRead.Reply(0, 0, data);
        assertThat(reply.retain().refCnt()).isEqualTo(2);
        assertThat(reply.release()).isFalse();
        assertThat(reply.touch("here").release()).isTrue();
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void repliesThatHappenToCarryNoDataNeedNoRelease() {
        var reply = DmaUnmap.Reply.to(DmaUnmap.region(0x1000, 0x1000));
        assertThat(reply.release()).isFalse();
        assertThat(reply.bulk().isReadable()).isFalse();
    }

    @Test
    void smallBytesAreCopiedAndCannotChange() {
        ByteBuf bytes = Unpooled.buffer().writeByte(1).writeByte(0);
        var bool = new IrqData.Bool(bytes);
        bytes.setByte(0, 0);
        bytes.release();
        assertThat(bool.isSet(0)).isTrue();
        assertThat(bool.bytes().isReadOnly()).isTrue();
        assertThat(bool.bytes().release()).isFalse();
    }

    @Test
    void refusesValuesThatCannotBe() {
        assertThatThrownBy(() -> new RegionRead(-1, 0, 4))
                .hasMessage("region: -1 (expected: >= 0)");
        assertThatThrownBy(() -> new DmaUnmap(24, DmaUnmap.ALL, 0, 0, 4096, 0))
                .hasMessageContaining("(expected: 0 without GET_BITMAP)");
        assertThatThrownBy(() ->
                        new DeviceSetIrqs(
                                0,
                                0,
                                2,
                                IrqAction.TRIGGER,
                                new IrqData.Bool(Unpooled.wrappedBuffer(new byte[1]))))
                .hasMessage("data: 1 bytes (expected: count, 2)");
        assertThatThrownBy(() -> new RegionWriteMulti.Write(0, 0, 9, 0))
                .hasMessage("count: 9 (expected: 0 to 8)");
        assertThatThrownBy(() -> Capabilities.DEFAULTS.withMaxDataXferSize(0))
                .hasMessage("maxDataXferSize: 0 (expected: >= 1)");
    }

    private static DeviceGetRegionInfo.Reply regionInfo(long argsz) {
        return DeviceGetRegionInfo.Reply.to(
                new DeviceGetRegionInfo(argsz, 2), new RegionFlags(7), 4096, 0, CAPABILITIES);
    }
}
