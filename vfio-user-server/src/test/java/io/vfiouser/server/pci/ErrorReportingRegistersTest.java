package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.PciCapability;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ErrorReportingRegistersTest {
    private static final int FIRST = 0x100;
    private static final int SIZE = 0x48;
    private static final int UNCORRECTABLE_STATUS = FIRST + 0x04;
    private static final int UNCORRECTABLE_MASK = FIRST + 0x08;
    private static final int CORRECTABLE_STATUS = FIRST + 0x10;
    private static final int HEADER_LOG = FIRST + 0x1c;

    /// 4 bytes a register: header; uncorrectable status, mask, severity; correctable status, mask;
    /// control. Header log and TLP prefix log are 0.
    private static final String INITIAL =
            "01000200 00000000 00004000 10204600 00000000 00600000 00000000";

    private static final String ALL_ONES_WRITTEN =
            "01000200 00000000 10f05700 10f05700 00000000 c1710000 00000000";

    private final TestSpace space =
            TestSpace.of(
                    TestSpace.express()
                            .capability(PciCapability.express())
                            .capability(PciCapability.advancedErrorReporting()));

    @Test
    void hasTheDefaultsOfTheSpecification() {
        assertThat(space.readBytes(FIRST, SIZE)).isEqualTo(registers(INITIAL));
    }

    @Test
    void masksAndSeveritiesAreWritable() {
        writeOnes();

        assertThat(space.readBytes(FIRST, SIZE)).isEqualTo(registers(ALL_ONES_WRITTEN));
    }

    @Test
    void statusBitsAreClearedByWritingOnes() {
        space.engine.write(UNCORRECTABLE_STATUS, 4, 0x0010_4000);
        space.engine.write(CORRECTABLE_STATUS, 4, 0x0000_2041);

        space.write(UNCORRECTABLE_STATUS, 4, 0x0000_4000);
        space.write(CORRECTABLE_STATUS, 4, 0x0000_2001);

        assertThat(space.read(UNCORRECTABLE_STATUS, 4)).isEqualTo(0x0010_0000);
        assertThat(space.read(CORRECTABLE_STATUS, 4)).isEqualTo(0x0000_0040);
    }

    @Test
    void theHeaderLogIsTheDevices() {
        space.engine.write(HEADER_LOG, 4, 0x6000_0001);

        space.write(HEADER_LOG, 4, 0);

        assertThat(space.read(HEADER_LOG, 4)).isEqualTo(0x6000_0001);
    }

    @Test
    void outlivesAFunctionLevelReset() {
        space.engine.write(UNCORRECTABLE_STATUS, 4, 0x0010_0000);
        space.write(UNCORRECTABLE_MASK, 4, 0x0000_4000);
        space.write(0x04, 2, 0x0004);

        space.engine.resetFunction();

        assertThat(space.read(0x04, 2)).isZero();
        assertThat(space.read(UNCORRECTABLE_STATUS, 4)).isEqualTo(0x0010_0000);
        assertThat(space.read(UNCORRECTABLE_MASK, 4)).isEqualTo(0x0000_4000);
    }

    @Test
    void doesNotOutliveAResetOfAll() {
        writeOnes();
        space.engine.write(UNCORRECTABLE_STATUS, 4, 0x0010_0000);

        space.engine.reset();

        assertThat(space.readBytes(FIRST, SIZE)).isEqualTo(registers(INITIAL));
    }

    private void writeOnes() {
        var ones = new byte[SIZE];
        Arrays.fill(ones, (byte) 0xff);
        space.writeBytes(FIRST, ones);
    }

    private static byte[] registers(String hex) {
        return Arrays.copyOf(HexFormat.of().parseHex(hex.replace(" ", "")), SIZE);
    }
}
