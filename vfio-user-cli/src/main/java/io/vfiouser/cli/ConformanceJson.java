package io.vfiouser.cli;

import io.vfiouser.cli.text.JsonText;
import io.vfiouser.testkit.conformance.ConformanceCheck;
import io.vfiouser.testkit.conformance.ConformanceReport;
import io.vfiouser.testkit.conformance.ConformanceResult;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// What `conformance --json` prints.
final class ConformanceJson {
    private ConformanceJson() {}

    /// @param all whether checks that passed or did not apply are listed too
    static String text(ConformanceReport report, boolean all) {
        return JsonText.object(json -> {
            json.writeStringProperty("server", report.server());
            json.writeStringProperty("device", report.device());
            json.writeNumberProperty("seed", report.seed());
            json.writeNumberProperty("nanos", report.duration().toNanos());
            json.writeNumberProperty("passed", report.passed());
            json.writeNumberProperty("differing", report.differing());
            json.writeNumberProperty("notApplicable", report.notApplicable());
            JsonText.array(
                    json,
                    "checks",
                    report.results().stream()
                            .filter(entry ->
                                    all || entry.getValue() instanceof ConformanceResult.Differs)
                            .toList(),
                    entry -> write(json, entry));
        });
    }

    private static void write(
            JsonGenerator json, Map.Entry<ConformanceCheck, ConformanceResult> entry) {
        JsonText.object(
                json,
                fields -> {
                    ConformanceCheck check = entry.getKey();
                    fields.writeStringProperty("group", check.group());
                    fields.writeStringProperty("name", check.name());
                    fields.writeStringProperty("section", check.section());
                    fields.writeStringProperty("specification", check.specification());
                    check.reference()
                            .ifPresent(text -> fields.writeStringProperty("reference", text));
                    switch (entry.getValue()) {
                        case ConformanceResult.Passed _ ->
                                fields.writeStringProperty("result", "passed");
                        case ConformanceResult.NotApplicable(String reason) -> {
                            fields.writeStringProperty("result", "notApplicable");
                            fields.writeStringProperty("reason", reason);
                        }
                        case ConformanceResult.Differs(
                                        String expected,
                                        String seen,
                                        boolean asReference) -> {
                            fields.writeStringProperty("result", "differs");
                            fields.writeStringProperty("expected", expected);
                            fields.writeStringProperty("seen", seen);
                            fields.writeBooleanProperty("asReference", asReference);
                        }
                    }
                });
    }
}
