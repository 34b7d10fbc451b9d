package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.NoSettings;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackendProvider;

/// Wires a port to standard input and output, by the name `stdio`. The terminal stays as it is: it
/// gives whole lines, and echoes them, unless it is set otherwise (`stty raw -echo`).
public final class StdioBackendProvider implements SerialBackendProvider<NoSettings> {
    /// For `ServiceLoader`.
    public StdioBackendProvider() {}

    @Override
    public String name() {
        return "stdio";
    }

    @Override
    public String description() {
        return "standard input and output of the server";
    }

    @Override
    public NoSettings defaults() {
        return new NoSettings();
    }

    @Override
    public SerialBackend create(NoSettings settings) {
        var pair =
                new StreamPair(
                        StandardStreams.from(System.in), StandardStreams.to(System.out), false);
        return new StreamBackend("stdio", StreamBackend.only(pair));
    }
}
