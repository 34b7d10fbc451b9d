package io.vfiouser.cli;

import io.vfiouser.cli.types.DeviceType;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.cli.types.FilterKind;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.cli.types.SettingGroup;
import io.vfiouser.cli.types.SettingSpec;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "devices",
        description =
                "List the device types that can be served and the filters, with their settings.",
        footer = {
            "Settings are shown as they could be given, with their defaults.",
            "",
            "Examples:",
            "  vfio-user devices",
            "  vfio-user devices --json"
        })
final class DevicesCommand implements Runnable {
    private static final String INDENT = "    ";

    private final PrintWriter out;

    @Mixin private JsonOption json = new JsonOption();

    DevicesCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        if (json.isAsked()) {
            out.println(
                    DevicesJson.text(DeviceTypes.installed().all(), FilterKinds.installed().all()));
            return;
        }
        DeviceTypes.installed().all().forEach(this::print);
        out.println();
        out.println("filters, for --filter NAME or --filter NAME:KEY=VALUE,KEY=VALUE:");
        FilterKinds.installed().all().forEach(this::print);
    }

    private void print(DeviceType<?> type) {
        out.println(type.name());
        out.println(INDENT + type.description());
        if (type.settings().isEmpty()) {
            out.println(INDENT + "no settings");
        }
        type.settings().forEach(this::print);
        for (SettingGroup group : type.groups()) {
            out.println(
                    INDENT + "with " + group.choice() + (group.settings().isEmpty() ? "" : ":"));
            group.settings().forEach(this::print);
        }
    }

    private void print(FilterKind<?> filter) {
        out.println(filter.name());
        out.println(INDENT + filter.description());
        filter.settings().forEach(setting -> print("", setting));
    }

    private void print(SettingSpec setting) {
        print("--set ", setting);
    }

    private void print(String option, SettingSpec setting) {
        out.println(INDENT + option + setting.assignment());
        if (!setting.description().isEmpty()) {
            out.println(INDENT + INDENT + setting.description());
        }
        out.println(INDENT + INDENT + "value: " + setting.expectation());
    }
}
