package io.vfiouser.cli.plan;

import io.vfiouser.device.Device;
import io.vfiouser.os.SocketRole;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServiceOptions;
import java.nio.file.Path;
import java.util.function.Supplier;

/// One device that will be served.
///
/// @param name unique in its plan: the type with a running number
/// @param endpoint where its clients will come from
/// @param service how they are treated
/// @param factory makes the device; throws [io.vfiouser.cli.failure.UsageException] for settings
///   that do not go together
public record PlannedDevice(
        String name, Endpoint endpoint, ServiceOptions service, Supplier<Device> factory) {
    /// The path of its socket.
    ///
    /// @throws IllegalStateException if it is an inherited one
    public Path socket() {
        return switch (endpoint) {
            case Endpoint.AtPath at -> at.path();
            case Endpoint.Inherited inherited ->
                    throw new IllegalStateException("socket: " + inherited + " (expected: a path)");
        };
    }

    /// Whether its one client is there already, so that it is done when that has left.
    boolean hasItsClient() {
        return endpoint instanceof Endpoint.Inherited inherited
                && inherited.role() == SocketRole.CONNECTED;
    }
}
