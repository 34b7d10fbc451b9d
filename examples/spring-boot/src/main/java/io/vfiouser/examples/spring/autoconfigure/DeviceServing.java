package io.vfiouser.examples.spring.autoconfigure;

import io.vfiouser.device.Device;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.context.SmartLifecycle;

/// The devices of the application while it runs: served before the web server takes calls, and
/// taken away after it has answered the last one.
final class DeviceServing implements SmartLifecycle {
    private final VfioUserServer server;
    private final Map<String, Device> devices;
    private final VfioUserProperties properties;
    private volatile boolean running;

    DeviceServing(
            VfioUserServer server, Map<String, Device> devices, VfioUserProperties properties) {
        this.server = server;
        this.devices = new TreeMap<>(devices);
        this.properties = properties;
    }

    /// The device that is served under a name, which it is not once it has been removed.
    Optional<ServedDevice> served(String name) {
        return server.device(name);
    }

    /// The names of all devices that there should be.
    Iterable<String> names() {
        return devices.keySet();
    }

    @Override
    public void start() {
        var unknown = new TreeSet<>(properties.devices().keySet());
        unknown.removeAll(devices.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalStateException(
                    "vfio-user.devices: %s (expected: of the Device beans %s)"
                            .formatted(unknown, devices.keySet()));
        }
        devices.forEach((name, device) -> {
            Path socket = properties.socketOf(name);
            makeDirectory(socket.toAbsolutePath().resolve("..").normalize());
            server.serve(name, device, socket);
        });
        running = true;
    }

    /// Asks the guests to let go of their devices, and waits for them for the time that they have.
    @Override
    public void stop() {
        server.close(properties.grace());
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Before the web server, which comes in one of the last phases; it stops before this does.
    @Override
    public int getPhase() {
        return 0;
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
