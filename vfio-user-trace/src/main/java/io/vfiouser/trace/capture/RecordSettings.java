package io.vfiouser.trace.capture;

import io.vfiouser.device.Setting;
import java.nio.file.Path;
import java.util.Objects;

/// The settings of the `record` filter.
///
/// @param file where to; `%n` in it becomes the device's name
/// @param limit bytes after which the file is put aside, at least 1 MiB; 0 for none
public record RecordSettings(
        @Setting("where to; %n in it becomes the device's name") Path file,
        @Setting("put the file aside as FILE.1 to FILE.4 at this size; 0: never") long limit) {
    /// Without a file, which has to be given.
    public static final RecordSettings DEFAULTS = new RecordSettings(Path.of(""), 0);

    /// Checks the limit.
    public RecordSettings {
        Objects.requireNonNull(file, "file");
        if (limit != 0) {
            CaptureSettings.DEFAULTS.withFileSize(limit);
        }
    }

    /// One file without a limit.
    public static RecordSettings of(Path file) {
        return new RecordSettings(file, 0);
    }
}
