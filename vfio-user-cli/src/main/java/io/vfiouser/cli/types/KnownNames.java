package io.vfiouser.cli.types;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.device.Device;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Names of registers for a device that is somebody else's.
public final class KnownNames {
    private KnownNames() {}

    /// The names that a device type of ours has, or the first device of a recording.
    ///
    /// @param option what it was asked for with, for errors
    /// @param text a device type, or the path of a recording
    /// @throws UsageException if it is neither
    public static RegisterNames find(String option, String text) {
        DeviceTypes types = DeviceTypes.installed();
        if (types.all().stream().anyMatch(type -> type.name().equals(text))) {
            try (Device device = types.type(text).configure(Map.of()).get()) {
                return RegisterNames.of(device.layout());
            }
        }
        Path file = Path.of(text);
        if (!Files.exists(file)) {
            throw new UsageException(
                    "%s: %s (expected: a device type or a recording)"
                            .formatted(option, Quoted.of(text)));
        }
        try (var reader = CaptureReader.open(file)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                if (next.get() instanceof CaptureRecord.Registers registers) {
                    return registers.names();
                }
            }
            throw new UsageException(
                    "%s: %s: no names of registers (expected: a recording by 'serve --record')"
                            .formatted(option, Quoted.of(text)));
        } catch (IOException e) {
            throw new UsageException(
                    "%s: %s: %s (expected: a recording)"
                            .formatted(option, Quoted.of(text), e.getMessage()),
                    e);
        }
    }
}
