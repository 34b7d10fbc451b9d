package io.vfiouser.cli.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FunctionTextTest {
    @Test
    void namesClassAndIds() {
        assertThat(FunctionText.title(ConfigImages.nvme().build()))
                .isEqualTo(
                        "Non-Volatile memory controller [0108]: Device [1b36:0010] (rev 02)"
                                + " (prog-if 02)");
        assertThat(FunctionText.title(ConfigImages.ofSize(256).u16(0x0a, 0xff00).build()))
                .startsWith("Unassigned class [ff00]: ");
        assertThat(FunctionText.title(ConfigImages.ofSize(256).u16(0x0a, 0x7700).build()))
                .startsWith("Class [7700]: ");
    }

    @Test
    void readsTheHeaderAloud() {
        assertThat(FunctionText.header(ConfigImages.nvme().build()))
                .containsExactly(
                        "Subsystem: Device [1af4:1100]",
                        "Control: I/O- Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr-"
                                + " Stepping- SERR- FastB2B- DisINTx+",
                        "Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort-"
                                + " <MAbort- >SERR- <PERR- INTx-",
                        "Latency: 0",
                        "Interrupt: pin A routed to IRQ 11");
    }

    @Test
    void leavesOutThePinThatIsNotThere() {
        assertThat(FunctionText.header(ConfigImages.ofSize(256).build()))
                .noneMatch(line -> line.startsWith("Interrupt"));
    }

    @Test
    void readsBars() {
        ConfigImage nvme = ConfigImages.nvme().build();
        assertThat(BarText.describe(nvme, 0))
                .isEqualTo("Memory at 00000001fe000000 (64-bit, non-prefetchable)");
        assertThat(BarText.describe(nvme, 2)).isEqualTo("I/O ports at c000");
        assertThat(BarText.describe(nvme, 3))
                .isEqualTo("Memory at <unassigned> (32-bit, non-prefetchable)");
        assertThat(BarText.describeRom(nvme)).isEqualTo("Expansion ROM at <unassigned> [disabled]");
    }
}
