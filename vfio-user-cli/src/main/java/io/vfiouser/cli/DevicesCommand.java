package io.vfiouser.cli;

import io.vfiouser.cli.types.DeviceType;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.cli.types.SettingSpec;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

@Command(
        name = "devices",
        description = "List the device types that can be served, with their settings.",
        footer = {
            "Settings are shown as they could be given, with their defaults.",
            "",
            "Example:",
            "  vfio-user devices"
        })
final class DevicesCommand implements Runnable {
    private static final String INDENT = "    ";

    private final PrintWriter out;

    DevicesCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        DeviceTypes.installed().all().forEach(this::print);
    }

    private void print(DeviceType<?> type) {
        out.println(type.name());
        out.println(INDENT + type.description());
        if (type.settings().isEmpty()) {
            out.println(INDENT + "no settings");
        }
        for (SettingSpec setting : type.settings()) {
            out.println(INDENT + "--set " + setting.assignment());
            if (!setting.description().isEmpty()) {
                out.println(INDENT + INDENT + setting.description());
            }
            out.println(INDENT + INDENT + "value: " + setting.expectation());
        }
    }
}
