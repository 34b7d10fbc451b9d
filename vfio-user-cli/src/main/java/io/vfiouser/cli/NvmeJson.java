package io.vfiouser.cli;

import io.vfiouser.cli.text.JsonText;
import io.vfiouser.nvme.HealthLog;
import io.vfiouser.nvme.NvmeInitiator;
import java.math.BigInteger;

/// What `nvme identify --json` and `nvme smart --json` print.
final class NvmeJson {
    private NvmeJson() {}

    static String identity(NvmeInitiator nvme) {
        var controller = nvme.controller();
        int version = controller.version();
        return JsonText.object(json -> {
            json.writeStringProperty("model", controller.model());
            json.writeStringProperty("serial", controller.serial());
            json.writeStringProperty("firmware", controller.firmware());
            json.writeStringProperty("vendor", "%04x".formatted(controller.vendor()));
            json.writeStringProperty(
                    "version", "%d.%d".formatted(version >>> 16, version >>> 8 & 0xff));
            json.writeStringProperty("subsystem", controller.subsystem());
            json.writeNumberProperty("ioQueues", nvme.ioQueues());
            json.writeBooleanProperty("volatileWriteCache", controller.volatileWriteCache());
            json.writeBooleanProperty("sgls", controller.takesSgls());
            json.writeBooleanProperty("doorbellsMapped", nvme.doorbellsMapped());
            JsonText.array(
                    json,
                    "namespaces",
                    nvme.namespaces(),
                    namespace ->
                            JsonText.object(
                                    json,
                                    fields -> {
                                        fields.writeNumberProperty("id", namespace.id());
                                        fields.writeNumberProperty("blocks", namespace.blocks());
                                        fields.writeNumberProperty(
                                                "blockSize", namespace.blockSize());
                                    }));
        });
    }

    static String health(HealthLog health) {
        return JsonText.object(json -> {
            json.writeNumberProperty("criticalWarning", health.criticalWarning());
            json.writeNumberProperty("kelvin", health.kelvin());
            json.writeNumberProperty("availableSpare", health.availableSpare());
            json.writeNumberProperty("percentageUsed", health.percentageUsed());
            json.writeNumberProperty("dataUnitsRead", unsigned(health.dataUnitsRead()));
            json.writeNumberProperty("dataUnitsWritten", unsigned(health.dataUnitsWritten()));
            json.writeNumberProperty("hostReads", unsigned(health.hostReads()));
            json.writeNumberProperty("hostWrites", unsigned(health.hostWrites()));
            json.writeNumberProperty("powerCycles", unsigned(health.powerCycles()));
            json.writeNumberProperty("powerOnHours", unsigned(health.powerOnHours()));
            json.writeNumberProperty("unsafeShutdowns", unsigned(health.unsafeShutdowns()));
            json.writeNumberProperty("mediaErrors", unsigned(health.mediaErrors()));
            json.writeNumberProperty("errorLogEntries", unsigned(health.errorLogEntries()));
        });
    }

    private static BigInteger unsigned(long count) {
        return new BigInteger(Long.toUnsignedString(count));
    }
}
