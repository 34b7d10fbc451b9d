package io.vfiouser.cli.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.cli.pci.ConfigImage;
import io.vfiouser.cli.pci.ConfigImages;
import io.vfiouser.cli.probe.ProbeReport.IrqFacts;
import io.vfiouser.cli.probe.ProbeReport.RegionFacts;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProbeTextTest {
    private static final RegionFlags READ_WRITE = RegionFlags.READ_WRITE;
    private static final RegionFlags MAPPABLE = READ_WRITE.with(RegionFlags.MMAP);

    @Test
    void readsLikeLspci() {
        var report =
                new ProbeReport(
                        Path.of("/run/nvme.sock"),
                        1,
                        Capabilities.DEFAULTS
                                .withMaxMsgFds(8)
                                .withMigration(Capabilities.Migration.of(4096)),
                        new DeviceGetInfo.Reply(3, 9, 5),
                        List.of(
                                new RegionFacts(0, READ_WRITE, 0x4000, List.of()),
                                new RegionFacts(
                                        2,
                                        MAPPABLE,
                                        0x3000,
                                        List.of(
                                                new SparseMmapArea(0, 0x1000),
                                                new SparseMmapArea(0x2000, 0x1000))),
                                new RegionFacts(3, RegionFlags.NONE, 0, List.of()),
                                new RegionFacts(
                                        6, new RegionFlags(RegionFlags.READ), 2048, List.of()),
                                new RegionFacts(7, READ_WRITE, 4096, List.of()),
                                new RegionFacts(9, MAPPABLE, 1 << 20, List.of())),
                        List.of(
                                new IrqFacts(0, new IrqFlags(7), 1),
                                new IrqFacts(1, IrqFlags.EVENTFD_ONLY, 0),
                                new IrqFacts(2, new IrqFlags(9), 8),
                                new IrqFacts(5, new IrqFlags(0), 1)),
                        ConfigImages.nvme().build());
        assertThat(ProbeText.lines(report))
                .startsWith(
                        "/run/nvme.sock Non-Volatile memory controller [0108]: Device [1b36:0010]"
                                + " (rev 02) (prog-if 02)",
                        "    Protocol: vfio-user 0.1",
                        "    Limits: max_msg_fds 8, max_data_xfer_size 1M, max_dma_maps 65535,"
                                + " pgsizes 4K",
                        "    Features: migration yes (page 4K), twin_socket no, write_multiple no",
                        "    Device: PCI, can be reset, 9 regions, 5 interrupt types",
                        "    Subsystem: Device [1af4:1100]")
                .contains(
                        "    Region 0: Memory at 00000001fe000000 (64-bit, non-prefetchable)"
                                + " [size=16K]",
                        "    Region 2: I/O ports at c000 [size=12K] [mappable: 0x0-0xfff,"
                                + " 0x2000-0x2fff]",
                        "    ROM: Expansion ROM at <unassigned> [disabled] [size=2K] [read-only]",
                        "    Config: [size=4K]",
                        "    Region 9: [size=1M] [mappable]",
                        "    Capabilities: [68] MSI-X: Enable+ Count=8 Masked-",
                        "        Vector table: BAR=2 offset=00000800")
                .noneMatch(line -> line.contains("Region 3"))
                .endsWith(
                        "    Interrupts: INTx 1 (maskable, automasked), MSI-X 8 (fixed count),"
                                + " type 5 1 (no eventfd)");
    }

    @Test
    void tellsWhatItCanOfADeviceWithoutConfigSpace() {
        var report =
                new ProbeReport(
                        Path.of("x"),
                        0,
                        Capabilities.DEFAULTS.withPageSizes(0x201000),
                        new DeviceGetInfo.Reply(0, 1, 0),
                        List.of(new RegionFacts(0, new RegionFlags(0), 4096, List.of())),
                        List.of(),
                        new ConfigImage(new byte[0]));
        assertThat(ProbeText.lines(report))
                .containsExactly(
                        "x Device without a PCI header",
                        "    Protocol: vfio-user 0.0",
                        "    Limits: max_msg_fds 1, max_data_xfer_size 1M, max_dma_maps 65535,"
                                + " pgsizes 4K+2M",
                        "    Features: migration no, twin_socket no, write_multiple no",
                        "    Device: not PCI, no reset, 1 regions, 0 interrupt types",
                        "    Region 0: [size=4K] [no access by messages]",
                        "    Interrupts: none");
    }
}
