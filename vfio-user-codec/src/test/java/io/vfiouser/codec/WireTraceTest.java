package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class WireTraceTest {
    private static final Map<String, String> LINES =
            Map.ofEntries(
                    Map.entry(
                            "VERSION",
                            "VERSION id=0x0 0.0"
                                    + " \"{\\\"capabilities\\\":{\\\"max_msg_fds\\\":16}}\""),
                    Map.entry(
                            "DMA_MAP",
                            "DMA_MAP id=0x1 address=0x100000 size=0x200000 offset=0x0 flags=0x3"),
                    Map.entry("DMA_MAP reply", "DMA_MAP reply id=0x1"),
                    Map.entry("DEVICE_GET_INFO", "DEVICE_GET_INFO id=0x2 argsz=16"),
                    Map.entry(
                            "DEVICE_GET_INFO reply",
                            "DEVICE_GET_INFO reply id=0x2 argsz=16 flags=0x3 regions=9 irqs=5"),
                    Map.entry(
                            "DEVICE_GET_REGION_INFO reply",
                            "DEVICE_GET_REGION_INFO reply id=0x4 BAR0 argsz=64 flags=0xf"
                                    + " size=0x4000 offset=0x0"),
                    Map.entry("REGION_READ", "REGION_READ id=0x5 CONFIG+0x0 count=4"),
                    Map.entry("REGION_READ reply", "REGION_READ reply id=0x5 CONFIG+0x0 count=4"),
                    Map.entry("REGION_READ error", "REGION_READ error id=0x5 EINVAL"),
                    Map.entry(
                            "REGION_WRITE without reply",
                            "REGION_WRITE id=0x6 BAR0+0x10 count=4 no-reply"),
                    Map.entry("DMA_READ", "DMA_READ id=0x1 address=0x100000 count=8"),
                    Map.entry("DMA_READ reply", "DMA_READ reply id=0x1 address=0x100000 count=8"),
                    Map.entry(
                            "DMA_READ reply with a narrow count",
                            "DMA_READ reply id=0x1 address=0x100000 count=4918848064959021064"),
                    Map.entry("DEVICE_FEATURE", "DEVICE_FEATURE id=0x7 feature=2 SET argsz=16"),
                    Map.entry(
                            "DEVICE_SET_IRQS",
                            "DEVICE_SET_IRQS id=0x8 MSI-X flags=0x24 start=0 count=1"));

    @Test
    void describesEveryGoldenMessage() {
        Map<String, String> described =
                Golden.ALL.stream()
                        .collect(
                                Collectors.toMap(
                                        Golden::name,
                                        golden ->
                                                WireTrace.describe(
                                                        Unpooled.wrappedBuffer(golden.bytes()))));
        assertThat(described).containsExactlyInAnyOrderEntriesOf(LINES);
    }

    @Test
    void showsWhatMakesNoSenseAsItIs() {
        assertThat(describe("01 00 09")).isEqualTo("message of 3 bytes, less than a header");
        assertThat(describe("05 00 09 00 10 00 00 00 00 00 00 00 00 00 00 00"))
                .isEqualTo("REGION_READ id=0x5 payload=0 of 16");
        assertThat(describe("ff ff 0e 00 11 00 00 00 07 00 00 00 00 00 00 00"))
                .isEqualTo("command 14 type 7 id=0xffff size=17 of 16");
        assertThat(
                        describe(
                                "01 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                                        + "ff ff ff ff ff ff ff ff ef be ad de ff ff ff ff"))
                .isEqualTo(
                        "REGION_READ id=0x1 region 0xdeadbeef+0xffffffffffffffff count=4294967295");
    }

    @Test
    void leavesTheFrameAlone() {
        for (Golden golden : List.copyOf(Golden.ALL)) {
            var frame = Unpooled.wrappedBuffer(golden.bytes());
            WireTrace.describe(frame);
            assertThat(frame.readerIndex()).isZero();
            assertThat(frame.writerIndex()).isEqualTo(golden.bytes().length);
        }
    }

    private static String describe(String hex) {
        return WireTrace.describe(Hex.buffer(hex));
    }
}
