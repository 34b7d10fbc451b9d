package io.vfiouser.cli;

import io.vfiouser.cli.text.JsonText;
import io.vfiouser.testkit.hammer.HammerReport;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/// What `hammer --json` prints.
final class HammerJson {
    private HammerJson() {}

    static String text(HammerReport report) {
        return JsonText.object(json -> {
            json.writeNumberProperty("seed", report.seed());
            json.writeNumberProperty("steps", report.steps());
            json.writeNumberProperty("nanos", report.took().toNanos());
            json.writeNumberProperty("slowestNanos", report.slowest().toNanos());
            json.writeStringProperty("slowest", report.slowestBlow());
            holdings(json, "before", report.before());
            holdings(json, "after", report.after());
            JsonText.array(
                    json,
                    "blows",
                    new TreeMap<>(report.blows()).entrySet(),
                    blow -> write(json, blow));
        });
    }

    private static void write(JsonGenerator json, Map.Entry<String, HammerReport.Outcomes> blow) {
        JsonText.object(
                json,
                fields -> {
                    fields.writeStringProperty("name", blow.getKey());
                    fields.writeNumberProperty("done", blow.getValue().done());
                    fields.writeObjectPropertyStart("refused");
                    new TreeMap<>(blow.getValue().refused()).forEach(fields::writeNumberProperty);
                    fields.writeEndObject();
                });
    }

    private static void holdings(JsonGenerator json, String name, HammerReport.Holdings held) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("descriptors", held.descriptors());
        json.writeNumberProperty("mappings", held.mappings());
        json.writeEndObject();
    }
}
