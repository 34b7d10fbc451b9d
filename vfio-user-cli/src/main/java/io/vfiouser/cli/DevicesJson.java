package io.vfiouser.cli;

import io.vfiouser.cli.text.JsonText;
import io.vfiouser.cli.types.DeviceType;
import io.vfiouser.cli.types.FilterKind;
import io.vfiouser.cli.types.SettingSpec;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// What `devices --json` prints.
final class DevicesJson {
    private DevicesJson() {}

    static String text(List<DeviceType<?>> types, List<FilterKind<?>> filters) {
        return JsonText.object(json -> {
            JsonText.array(json, "devices", types, type -> write(json, type));
            JsonText.array(json, "filters", filters, filter -> write(json, filter));
        });
    }

    private static void write(JsonGenerator json, DeviceType<?> type) {
        JsonText.object(
                json,
                fields -> {
                    head(fields, type.name(), type.description(), type.settings());
                    JsonText.array(
                            fields,
                            "choices",
                            type.groups(),
                            group ->
                                    JsonText.object(
                                            fields,
                                            choice -> {
                                                choice.writeStringProperty(
                                                        "choice", group.choice());
                                                settings(choice, group.settings());
                                            }));
                });
    }

    private static void write(JsonGenerator json, FilterKind<?> filter) {
        JsonText.object(
                json,
                fields -> head(fields, filter.name(), filter.description(), filter.settings()));
    }

    private static void head(
            JsonGenerator json, String name, String description, List<SettingSpec> settings) {
        json.writeStringProperty("name", name);
        json.writeStringProperty("description", description);
        settings(json, settings);
    }

    private static void settings(JsonGenerator json, List<SettingSpec> settings) {
        JsonText.array(
                json,
                "settings",
                settings,
                setting ->
                        JsonText.object(
                                json,
                                fields -> {
                                    fields.writeStringProperty("key", setting.key());
                                    fields.writeStringProperty("default", setting.defaultText());
                                    fields.writeStringProperty(
                                            "description", setting.description());
                                    fields.writeStringProperty("value", setting.expectation());
                                }));
    }
}
