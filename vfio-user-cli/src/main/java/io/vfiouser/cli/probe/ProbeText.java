package io.vfiouser.cli.probe;

import io.vfiouser.cli.pci.BarText;
import io.vfiouser.cli.pci.CapabilityText;
import io.vfiouser.cli.pci.FunctionText;
import io.vfiouser.cli.probe.ProbeReport.IrqFacts;
import io.vfiouser.cli.probe.ProbeReport.RegionFacts;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/// A [ProbeReport] for people, in the manner of `lspci -vv`.
public final class ProbeText {
    private static final String INDENT = "    ";
    private static final String[] REGION_NAMES = {
        "Region 0",
        "Region 1",
        "Region 2",
        "Region 3",
        "Region 4",
        "Region 5",
        "ROM",
        "Config",
        "VGA"
    };
    private static final String[] IRQ_NAMES = {"INTx", "MSI", "MSI-X", "ERR", "REQ"};

    private final ProbeReport report;
    private final List<String> lines = new ArrayList<>();

    private ProbeText(ProbeReport report) {
        this.report = report;
    }

    /// The report, a line each, the title first and all else indented.
    public static List<String> lines(ProbeReport report) {
        var text = new ProbeText(report);
        text.addAll();
        return text.lines;
    }

    private void addAll() {
        boolean function = report.config().size() > 0 && !report.config().isAllOnes();
        lines.add(
                report.socket()
                        + " "
                        + (function
                                ? FunctionText.title(report.config())
                                : "Device without a PCI header"));
        add("Protocol: vfio-user 0." + report.minorVersion());
        addLimits(report.limits());
        add(
                "Device: %s, %s, %d regions, %d interrupt types"
                        .formatted(
                                report.device().pci() ? "PCI" : "not PCI",
                                report.device().resettable() ? "can be reset" : "no reset",
                                report.device().regionCount(),
                                report.device().irqCount()));
        if (function) {
            FunctionText.header(report.config()).forEach(this::add);
        }
        report.regions().stream()
                .filter(region -> region.size() != 0)
                .forEach(region -> addRegion(region, function));
        if (function) {
            CapabilityText.lines(report.config()).forEach(this::add);
        }
        addIrqs();
    }

    private void addLimits(Capabilities limits) {
        add(
                "Limits: max_msg_fds %d, max_data_xfer_size %s, max_dma_maps %d, pgsizes %s"
                        .formatted(
                                limits.maxMsgFds(),
                                ByteSize.format(limits.maxDataXferSize()),
                                limits.maxDmaMaps(),
                                pageSizes(limits.pageSizes())));
        add(
                "Features: migration %s, twin_socket %s, write_multiple %s"
                        .formatted(
                                limits.migration().supported()
                                        ? "yes (page "
                                                + ByteSize.format(limits.migration().pageSize())
                                                + ")"
                                        : "no",
                                limits.twinSocket().supported() ? "yes" : "no",
                                limits.writeMultiple() ? "yes" : "no"));
    }

    private static String pageSizes(long mask) {
        var sizes = new StringJoiner("+");
        for (long rest = mask; rest != 0; rest &= rest - 1) {
            sizes.add(ByteSize.format(Long.lowestOneBit(rest)));
        }
        return sizes.toString();
    }

    private void addRegion(RegionFacts region, boolean function) {
        int index = region.index();
        String name = index < REGION_NAMES.length ? REGION_NAMES[index] : "Region " + index;
        String size = " [size=" + ByteSize.format(region.size()) + "]";
        String what = what(region, function);
        add(
                name
                        + ": "
                        + what
                        + (what.isEmpty() ? size.substring(1) : size)
                        + access(region.flags())
                        + mappable(region));
    }

    private String what(RegionFacts region, boolean function) {
        if (function && region.index() < ProbeReport.ROM) {
            return BarText.describe(report.config(), region.index());
        }
        return function && region.index() == ProbeReport.ROM
                ? BarText.describeRom(report.config())
                : "";
    }

    private static String access(RegionFlags flags) {
        if (flags.readable()) {
            return flags.writable() ? "" : " [read-only]";
        }
        return flags.writable() ? " [write-only]" : " [no access by messages]";
    }

    private static String mappable(RegionFacts region) {
        if (!region.flags().mappable()) {
            return "";
        }
        if (region.areas().isEmpty()) {
            return " [mappable]";
        }
        return region.areas().stream()
                .map(ProbeText::range)
                .collect(Collectors.joining(", ", " [mappable: ", "]"));
    }

    private static String range(SparseMmapArea area) {
        return "0x%x-0x%x".formatted(area.offset(), area.offset() + area.size() - 1);
    }

    private void addIrqs() {
        var used = new StringJoiner(", ");
        for (IrqFacts irq : report.irqs()) {
            if (irq.count() > 0) {
                String name =
                        irq.index() < IRQ_NAMES.length
                                ? IRQ_NAMES[irq.index()]
                                : "type " + irq.index();
                used.add(name + " " + irq.count() + abilities(irq));
            }
        }
        add("Interrupts: " + (used.length() == 0 ? "none" : used));
    }

    private static String abilities(IrqFacts irq) {
        var abilities = new StringJoiner(", ", " (", ")");
        abilities.setEmptyValue("");
        if (irq.flags().maskable()) {
            abilities.add("maskable");
        }
        if (irq.flags().automasked()) {
            abilities.add("automasked");
        }
        if (irq.flags().noResize()) {
            abilities.add("fixed count");
        }
        if (!irq.flags().eventfd()) {
            abilities.add("no eventfd");
        }
        return abilities.toString();
    }

    private void add(String line) {
        lines.add(INDENT + line);
    }
}
