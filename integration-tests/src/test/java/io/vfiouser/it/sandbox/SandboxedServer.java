package io.vfiouser.it.sandbox;

import io.vfiouser.device.DeviceProvider;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.support.JavaCommand;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// `vfio-user serve` from these classes, with the device type `escape` besides.
final class SandboxedServer {
    private static final Duration START = Duration.ofSeconds(50);

    /// Takes Netty's library, which `./vfio-user` has unpacked, and the list of device types.
    private final Path classes;

    SandboxedServer(Path directory) throws IOException {
        this.classes = directory;
        String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        String name = "META-INF/native/libnetty_transport_native_epoll_%s.so".formatted(machine);
        try (InputStream library =
                Objects.requireNonNull(
                        SandboxedServer.class.getClassLoader().getResourceAsStream(name), name)) {
            Files.copy(library, classes.resolve(Path.of(name).getFileName()));
        }
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(DeviceProvider.class.getName()), EscapeProvider.class.getName());
    }

    /// The words that start it.
    List<String> command(String... arguments) {
        List<String> command = JavaCommand.withDirectory(classes, "io.vfiouser.cli.Main", "serve");
        command.addAll(List.of(arguments));
        return command;
    }

    /// Starts it and waits until it is ready.
    ServedProcess start(String... arguments) throws IOException, InterruptedException {
        return ServedProcess.start(command(arguments), START);
    }
}
