package io.vfiouser.devices.serial.stream;

import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackendProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Keeps what a port's guest sends in a file, by the name `file`. The guest receives nothing.
public final class FileBackendProvider implements SerialBackendProvider<FileBackendSettings> {
    /// For `ServiceLoader`.
    public FileBackendProvider() {}

    @Override
    public String name() {
        return "file";
    }

    @Override
    public String description() {
        return "a file that keeps what the guest sends";
    }

    @Override
    public FileBackendSettings defaults() {
        return new FileBackendSettings(Path.of(""), false);
    }

    @Override
    public SerialBackend create(FileBackendSettings settings) {
        if (settings.path().toString().isEmpty()) {
            throw new IllegalArgumentException(
                    "path: not set (expected: a file, as in path=console.log)");
        }
        try {
            var file =
                    FileChannel.open(
                            settings.path(),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            settings.append()
                                    ? StandardOpenOption.APPEND
                                    : StandardOpenOption.TRUNCATE_EXISTING);
            var nothing = Channels.newChannel(InputStream.nullInputStream());
            return new StreamBackend(
                    "file", StreamBackend.only(new StreamPair(nothing, file, false)));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "path: %s: %s (expected: a file that can be written)"
                            .formatted(settings.path(), e.getMessage()),
                    e);
        }
    }
}
