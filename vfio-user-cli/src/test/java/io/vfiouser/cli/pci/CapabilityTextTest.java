package io.vfiouser.cli.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CapabilityTextTest {
    @Test
    void decodesEachCapability() {
        assertThat(CapabilityText.lines(ConfigImages.nvme().build()))
                .containsExactly(
                        "Capabilities: [40] Power Management version 3",
                        "    Flags: PMEClk- DSI- D1- D2- PME(D0+ D1- D2- D3hot+ D3cold+)",
                        "    Status: D0 NoSoftRst+ PME-Enable-",
                        "Capabilities: [50] MSI: Enable- Count=1/32 Maskable+ 64bit+",
                        "    Address: 00000000fee00000  Data: 4021",
                        "    Masking: 00000000  Pending: 00000000",
                        "Capabilities: [68] MSI-X: Enable+ Count=8 Masked-",
                        "    Vector table: BAR=2 offset=00000800",
                        "    PBA: BAR=2 offset=00000c00",
                        "Capabilities: [80] Express (v2) Endpoint, MSI 00",
                        "    DevCap: MaxPayload 128 bytes, ExtTag- RBE+ FLReset+",
                        "    DevCtl: CorrErr- NonFatalErr- FatalErr- UnsupReq-, MaxPayload 128"
                                + " bytes, MaxReadReq 512 bytes",
                        "    DevSta: CorrErr- NonFatalErr- FatalErr- UnsupReq- AuxPwr- TransPend-",
                        "Capabilities: [b0] Vendor Specific Information: Len=05",
                        "    Data: ab cd",
                        "Capabilities: [100 v1] Device Serial Number",
                        "    Serial: 0123456789abcdef",
                        "Capabilities: [110 v1] Latency Tolerance Reporting");
    }

    @Test
    void decodesExtendedCapabilities() {
        var config =
                ConfigImages.ofSize(4096)
                        .u32(0x100, 0x2002_0001)
                        .u32(0x104, 0x0010_4010)
                        .u32(0x108, 0x0040_0000)
                        .u32(0x10c, 0x0046_2010)
                        .u32(0x110, 0x0000_2001)
                        .u32(0x114, 0x0000_6000)
                        .u32(0x200, 0x0001_000b)
                        .u32(0x204, 0x0103_cafe);

        assertThat(CapabilityText.lines(config.build()))
                .containsExactly(
                        "Capabilities: [100 v2] Advanced Error Reporting",
                        "    UESta: DLP+ SDES- TLP- FCP- CmpltTO+ CmpltAbrt- UnxCmplt- RxOF-"
                                + " MalfTLP- ECRC- UnsupReq+ ACSViol- UncorrIntErr-",
                        "    UEMsk: DLP- SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF-"
                                + " MalfTLP- ECRC- UnsupReq- ACSViol- UncorrIntErr+",
                        "    UESvrt: DLP+ SDES- TLP- FCP+ CmpltTO- CmpltAbrt- UnxCmplt- RxOF+"
                                + " MalfTLP+ ECRC- UnsupReq- ACSViol- UncorrIntErr+",
                        "    CESta: RxErr+ BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+"
                                + " CorrIntErr-",
                        "    CEMsk: RxErr- BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+"
                                + " CorrIntErr+",
                        "Capabilities: [200 v1] Vendor Specific Information",
                        "    ID=cafe Rev=3 Len=010");
    }

    @Test
    void namesWhatItCannotDecode() {
        var config = ConfigImages.ofSize(256).u16(0x06, 0x10).u8(0x34, 0x80).u16(0x80, 0x007e);
        assertThat(CapabilityText.lines(config.build()))
                .containsExactly("Capabilities: [80] id 0x7e");
    }

    @Test
    void readsNoListWithoutTheStatusBit() {
        assertThat(CapabilityText.lines(ConfigImages.nvme().u16(0x06, 0).u32(0x100, 0).build()))
                .isEmpty();
    }

    @Test
    void endsWhereAListGoesInACircle() {
        var config = ConfigImages.ofSize(256).u16(0x06, 0x10).u8(0x34, 0x40).u16(0x40, 0x4003);
        assertThat(CapabilityText.lines(config.build()))
                .containsExactly(
                        "Capabilities: [40] Vital Product Data",
                        "Capabilities: capability at 0x40 (expected: a new one, 0x40 or above)");
    }

    @Test
    void endsWhereAListPointsIntoTheHeader() {
        var config = ConfigImages.ofSize(4096).u16(0x06, 0x10).u8(0x34, 0x10);
        config.u32(0x100, 0x01010001 | 0x080 << 20);
        assertThat(CapabilityText.lines(config.build()))
                .contains("Capabilities: capability at 0x10 (expected: a new one, 0x40 or above)");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void survivesAnyConfigSpace(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4096 : random.nextInt(300)];
            random.nextBytes(bytes);
            var config = new ConfigImage(bytes);
            assertThat(FunctionText.title(config)).isNotEmpty();
            assertThat(FunctionText.header(config)).isNotEmpty();
            assertThat(BarText.describe(config, random.nextInt(6))).isNotEmpty();
            assertThat(CapabilityText.lines(config)).hasSizeLessThan(4096);
        }
    }
}
