package io.vfiouser.cli.probe;

import io.vfiouser.cli.pci.ConfigImage;
import io.vfiouser.cli.probe.ProbeReport.IrqFacts;
import io.vfiouser.cli.probe.ProbeReport.RegionFacts;
import io.vfiouser.cli.text.JsonText;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.trace.RegisterNames;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// What `probe --json` prints.
public final class ProbeJson {
    private static final List<String> IRQ_NAMES = List.of("INTX", "MSI", "MSIX", "ERR", "REQ");

    private ProbeJson() {}

    /// The report on one line.
    public static String text(ProbeReport report) {
        return JsonText.object(json -> {
            json.writeStringProperty("socket", report.socket().toString());
            json.writeStringProperty("protocol", "0." + report.minorVersion());
            limits(json, report.limits());
            json.writeBooleanProperty("pci", report.device().pci());
            json.writeBooleanProperty("resettable", report.device().resettable());
            JsonText.array(json, "regions", report.regions(), region -> write(json, region));
            JsonText.array(json, "irqs", report.irqs(), irq -> write(json, irq));
            if (report.config().size() > 0) {
                config(json, report.config());
            }
        });
    }

    private static void limits(JsonGenerator json, Capabilities limits) {
        json.writeObjectPropertyStart("limits");
        json.writeNumberProperty("maxMsgFds", limits.maxMsgFds());
        json.writeNumberProperty("maxDataXferSize", limits.maxDataXferSize());
        json.writeNumberProperty("maxDmaMaps", limits.maxDmaMaps());
        json.writeNumberProperty("pageSizes", limits.pageSizes());
        json.writeBooleanProperty("writeMultiple", limits.writeMultiple());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, RegionFacts region) {
        JsonText.object(
                json,
                fields -> {
                    fields.writeNumberProperty("index", region.index());
                    fields.writeStringProperty("name", RegisterNames.regionName(region.index()));
                    fields.writeNumberProperty("size", region.size());
                    fields.writeBooleanProperty("readable", region.flags().readable());
                    fields.writeBooleanProperty("writable", region.flags().writable());
                    fields.writeBooleanProperty("mappable", region.flags().mappable());
                    JsonText.array(
                            fields,
                            "areas",
                            region.areas(),
                            area ->
                                    JsonText.object(
                                            fields,
                                            one -> {
                                                one.writeNumberProperty("offset", area.offset());
                                                one.writeNumberProperty("size", area.size());
                                            }));
                });
    }

    private static void write(JsonGenerator json, IrqFacts irq) {
        JsonText.object(
                json,
                fields -> {
                    fields.writeNumberProperty("index", irq.index());
                    if (irq.index() < IRQ_NAMES.size()) {
                        fields.writeStringProperty("name", IRQ_NAMES.get(irq.index()));
                    }
                    fields.writeNumberProperty("count", irq.count());
                    fields.writeBooleanProperty("eventfd", irq.flags().eventfd());
                    fields.writeBooleanProperty("maskable", irq.flags().maskable());
                    fields.writeBooleanProperty("automasked", irq.flags().automasked());
                    fields.writeBooleanProperty("noResize", irq.flags().noResize());
                });
    }

    private static void config(JsonGenerator json, ConfigImage config) {
        json.writeObjectPropertyStart("config");
        json.writeStringProperty("vendor", "%04x".formatted(config.u16(0)));
        json.writeStringProperty("device", "%04x".formatted(config.u16(2)));
        json.writeStringProperty("class", "%06x".formatted(config.u32(0x08) >>> 8));
        json.writeStringProperty("revision", "%02x".formatted(config.u8(0x08)));
        json.writeStringProperty("subsystemVendor", "%04x".formatted(config.u16(0x2c)));
        json.writeStringProperty("subsystem", "%04x".formatted(config.u16(0x2e)));
        json.writeStringProperty("bytes", HexFormat.of().formatHex(config.bytes()));
        json.writeEndObject();
    }
}
