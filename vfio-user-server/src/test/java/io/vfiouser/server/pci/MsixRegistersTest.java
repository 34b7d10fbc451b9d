package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class MsixRegistersTest {
    private static final int CONTROL = TestSpace.FIRST + 2;

    private final TestSpace space =
            TestSpace.of(
                    TestSpace.pci()
                            .bar(2, Bar.memory(0x1_0000, new ScratchBar(16)))
                            .bar(4, Bar.memory64(0x1000, new ScratchBar(16)))
                            .capability(new PciCapability.MsiX(2048, 2, 0x8000, 4, 0x200)));

    @Test
    void saysHowManyVectorsThereAreAndWhereTheTableIs() {
        assertThat(space.readBytes(TestSpace.FIRST, 12))
                .isEqualTo(HexFormat.of().parseHex("1100ff070280000004020000"));
    }

    @Test
    void onlyEnableAndFunctionMaskAreWritable() {
        space.writeBytes(TestSpace.FIRST, HexFormat.of().parseHex("ffffffffffffffffffffffff"));

        assertThat(space.readBytes(TestSpace.FIRST, 12))
                .isEqualTo(HexFormat.of().parseHex("1100ffc70280000004020000"));
    }

    @Test
    void tellsWhatAGuestDoesToEnableIt() {
        space.write(CONTROL, 2, 0xc7ff);
        space.write(CONTROL, 2, 0x87ff);
        space.write(CONTROL + 1, 1, 0x07);

        assertThat(space.told)
                .containsExactly(
                        "message interrupts true",
                        "function mask true",
                        "function mask false",
                        "message interrupts false");
    }

    @Test
    void viewsFollowTheControlWord() {
        space.write(CONTROL, 2, 0xc000);
        assertThat(space.engine.msixEnabled()).isTrue();
        assertThat(space.engine.msixFunctionMasked()).isTrue();
        assertThat(space.engine.messageInterruptsEnabled()).isTrue();
        assertThat(space.engine.msiEnabled()).isFalse();

        space.write(CONTROL, 2, 0);
        assertThat(space.engine.msixEnabled()).isFalse();
        assertThat(space.engine.msixFunctionMasked()).isFalse();
        assertThat(space.engine.messageInterruptsEnabled()).isFalse();
    }

    @Test
    void withoutTheCapabilityNothingIsEnabledOrMasked() {
        var bare = TestSpace.of(TestSpace.pci());

        bare.write(0x00, 4, -1);

        assertThat(bare.engine.msixEnabled()).isFalse();
        assertThat(bare.engine.msixFunctionMasked()).isFalse();
        assertThat(bare.engine.msiEnabled()).isFalse();
    }
}
